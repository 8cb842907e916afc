// A video on its way, as programs in Node do it: `node relay.mjs MANNER SOURCE SINK CHUNK`.
import axios from 'axios'

const [manner, source, sink, chunkText] = process.argv.slice(2)
const chunk = Number(chunkText)
const head = await fetch(source, { method: 'HEAD' })
const size = Number(head.headers.get('content-length'))

const put = async (start, end, body) => {
    const headers = { 'content-type': 'video/mp4', 'content-length': String(end - start), 'content-range': `bytes ${start}-${end - 1}/${size}` }
    const reply = await fetch(sink, { method: 'PUT', headers, body, duplex: 'half' })
    if (!reply.ok) throw new Error(`the sink answered ${reply.status}`)
    await reply.arrayBuffer()
}

const chunks = async function* () {
    for (let start = 0; start < size; start += chunk) yield [start, Math.min(start + chunk, size)]
}

if (manner === 'stream') {
    // Each chunk is asked for by its range, and its body becomes the next request's.
    for await (const [start, end] of chunks()) {
        const part = await fetch(source, { headers: { range: `bytes=${start}-${end - 1}` } })
        await put(start, end, part.body)
    }
} else if (manner === 'buffer') {
    // The whole file first, then its pieces.
    const whole = new Uint8Array(await (await fetch(source)).arrayBuffer())
    for await (const [start, end] of chunks()) await put(start, end, whole.subarray(start, end))
} else if (manner === 'axios-stream') {
    const { data } = await axios.get(source, { responseType: 'stream' })
    const headers = { 'content-type': 'video/mp4', 'content-length': String(size), 'content-range': `bytes 0-${size - 1}/${size}` }
    await axios.put(sink, data, { headers, maxBodyLength: Infinity, maxRedirects: 0 })
} else if (manner === 'axios-buffer') {
    // What can be held at once is a chunk: a whole file of 4 GiB is more than axios can.
    for await (const [start, end] of chunks()) {
        const { data } = await axios.get(source, { responseType: 'arraybuffer', headers: { range: `bytes=${start}-${end - 1}` } })
        await put(start, end, data)
    }
} else {
    throw new Error(`no manner ${manner}`)
}
