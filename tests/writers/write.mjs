// Videos of Node's writers: `node write.mjs folder fixtures`. The frames come from an existing MP4.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ALL_FORMATS, BufferSource, BufferTarget, EncodedPacketSink, EncodedVideoPacketSource, Input, MkvOutputFormat, MovOutputFormat,
  Mp4OutputFormat, Output,
} from 'mediabunny';
import h264 from 'h264-mp4-encoder';
import * as mp4 from 'mp4-muxer';
import { createFile, MP4BoxBuffer } from 'mp4box';
import muxjs from 'mux.js';
import * as webm from 'webm-muxer';

const [to, fixtures] = process.argv.slice(2);
const save = (name, buffer) => writeFileSync(join(to, name), new Uint8Array(buffer));

const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(readFileSync(join(to, 'pyav.mp4'))) });
const track = await input.getPrimaryVideoTrack();
const decoderConfig = await track.getDecoderConfig();
const packets = [];
for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
const [width, height] = [decoderConfig.codedWidth, decoderConfig.codedHeight];
const micros = (seconds) => Math.round(seconds * 1e6);

for (const [name, format] of [
  ['mediabunny.mp4', new Mp4OutputFormat({ fastStart: 'in-memory' })],
  ['mediabunny-last.mp4', new Mp4OutputFormat({ fastStart: false })],
  ['mediabunny-fragments.mp4', new Mp4OutputFormat({ fastStart: 'fragmented' })],
  ['mediabunny.mov', new MovOutputFormat()],
  ['mediabunny.mkv', new MkvOutputFormat()],
  ['mediabunny-live.mkv', new MkvOutputFormat({ appendOnly: true })],
]) {
  const output = new Output({ format, target: new BufferTarget() });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source);
  await output.start();
  for (const packet of packets) await source.add(packet, { decoderConfig });
  await output.finalize();
  save(name, output.target.buffer);
}

for (const [name, fastStart] of [['mp4-muxer.mp4', 'in-memory'], ['mp4-muxer-last.mp4', false], ['mp4-muxer-fragments.mp4', 'fragmented']]) {
  const muxer = new mp4.Muxer({ target: new mp4.ArrayBufferTarget(), video: { codec: 'avc', width, height }, fastStart, firstTimestampBehavior: 'offset' });
  let decoded = 0;
  for (const { data, type, timestamp, duration } of packets) {
    const shown = micros(timestamp);
    muxer.addVideoChunkRaw(data, type, shown, micros(duration), { decoderConfig }, shown - micros(decoded++ / 30));
  }
  muxer.finalize();
  save(name, muxer.target.buffer);
}

for (const [name, streaming] of [['webm-muxer.webm', false], ['webm-muxer-live.webm', true]]) {
  const parts = [];
  const target = streaming ? new webm.StreamTarget({ onData: (data, _at) => parts.push(...data) }) : new webm.ArrayBufferTarget();
  const muxer = new webm.Muxer({ target, streaming, video: { codec: 'V_VP8', width, height }, firstTimestampBehavior: 'offset' });
  // A VP8 frame starts with its size, so a key frame with nothing else is enough.
  const key = new Uint8Array([0x10, 2, 0, 0x9D, 1, 0x2A, width & 255, width >> 8, height & 255, height >> 8, ...new Array(40).fill(0)]);
  for (let at = 0; at < 30; at++) muxer.addVideoChunkRaw(key, 'key', micros(at / 30));
  muxer.finalize();
  save(name, streaming ? parts : target.buffer);
}

// A fragmented file of the parts that MP4Box reads.
const [source, segments] = [createFile(), []];
source.onReady = ({ tracks }) => {
  for (const { id } of tracks) source.setSegmentOptions(id, null, { nbSamples: 10 });
  segments.push(source.initializeSegmentation().buffer);
  source.start();
};
source.onSegment = (_id, _user, buffer) => segments.push(buffer);
source.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(readFileSync(join(to, 'pyav.mp4'))).buffer, 0));
source.flush();
save('mp4box-fragments.mp4', Buffer.concat(segments.map((segment) => new Uint8Array(segment))));

const transmuxer = new muxjs.mp4.Transmuxer();
transmuxer.on('data', ({ initSegment, data }) => save('mux.mp4', Buffer.concat([initSegment, data])));
transmuxer.push(new Uint8Array(readFileSync(join(fixtures, 'w08-ffmpeg-h264-aac.ts'))));
transmuxer.flush();

const encoder = await h264.createH264MP4Encoder();
Object.assign(encoder, { width, height, frameRate: 24, outputFilename: 'h264-mp4-encoder.mp4' });
encoder.initialize();
for (let at = 0; at < 24; at++) encoder.addFrameRgba(new Uint8Array(width * height * 4).fill(at * 10));
encoder.finalize();
save(encoder.outputFilename, encoder.FS.readFile(encoder.outputFilename));
encoder.delete();
