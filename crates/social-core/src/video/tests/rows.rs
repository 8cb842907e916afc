//! The files of the matrix: how each is made, and where we differ from ffprobe by right.

/// One file.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// What it is called at its end; ffmpeg takes the container from it.
    pub(super) extension: &'static str,
    /// ffmpeg's arguments, or another tool's name and arguments; words with `@` are spelled out by [`spelled_out`], and after ` | ` comes a second command.
    pub(super) made: &'static str,
    /// What is then done to its bytes.
    pub(super) then: fn(Vec<u8>) -> Vec<u8>,
    pub(super) differs: Differs,
}

/// Where we and ffprobe differ, and why we are right to.
pub(super) enum Differs {
    /// They do not.
    Not,
    /// We say this many seconds.
    Duration(f64, &'static str),
    /// We leave the rate unknown.
    NoRate(&'static str),
}

/// Half a second of test frames at a rate, half a second of a tone, and encoders in their quickest manner.
pub(super) fn spelled_out(command: &str) -> String {
    let word = |word: &str| match word {
        "@gst" => "videotestsrc num-buffers=15 ! video/x-raw,format=I420,width=96,height=160,framerate=30/1"
            .to_owned(),
        "@gst444" => {
            "videotestsrc num-buffers=15 ! video/x-raw,format=Y444,width=96,height=160,framerate=30/1"
                .to_owned()
        }
        "@x264" => "x264enc speed-preset=ultrafast key-int-max=6".to_owned(),
        "@bell" => "audiotestsrc num-buffers=20".to_owned(),
        "@out" => "filesink location=OUT".to_owned(),
        "@tone" => "-f lavfi -i sine=d=0.5".to_owned(),
        "@h264" => "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 6".to_owned(),
        "@b" => "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 12 -bf 3".to_owned(),
        "@hevc" => "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params log-level=none -tag:v hvc1"
            .to_owned(),
        "@vp8" => "-c:v libvpx -deadline realtime -cpu-used 8 -g 6".to_owned(),
        "@vp9" => "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 6".to_owned(),
        "@av1" => "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 6".to_owned(),
        _ if word.starts_with("@fragments") => {
            word.replace("@fragments", "-c copy -movflags frag_keyframe+empty_moov")
        }
        _ => match word.strip_prefix('@').map(|rate| rate.split_once(',').unwrap_or((rate, "96x160"))) {
            Some((rate, size)) => format!("-f lavfi -i testsrc2=s={size}:r={rate}:d=0.5"),
            None => word.to_owned(),
        },
    };
    command.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

const fn row(name: &'static str, extension: &'static str, made: &'static str) -> Row {
    Row { name, extension, made, then: same, differs: Differs::Not }
}

impl Row {
    const fn then(mut self, then: fn(Vec<u8>) -> Vec<u8>) -> Self {
        self.then = then;
        self
    }

    const fn differs(mut self, differs: Differs) -> Self {
        self.differs = differs;
        self
    }
}

pub(super) static ROWS: &[Row] = &[
    // Rates, in MP4.
    row("23.976", "mp4", "@24000/1001 @tone @h264"),
    row("24", "mp4", "@24 @tone @h264"),
    row("25", "mp4", "@25 @tone @h264"),
    row("29.97", "mp4", "@30000/1001 @tone @h264"),
    row("30", "mp4", "@30 @tone @h264"),
    row("50", "mp4", "@50 @tone @h264"),
    row("59.94", "mp4", "@60000/1001 @tone @h264"),
    row("60", "mp4", "@60 @tone @h264"),
    row("120", "mp4", "@120 @tone @h264"),
    row("1001 ticks", "mp4", "@30 @h264 -video_track_timescale 1001"),
    row("variable, MP4", "mp4", "@30 @tone -vf select='lt(mod(n\\,5)\\,3)' -fps_mode vfr @h264"),
    row("variable, Matroska", "mkv", "@30 -vf select='lt(mod(n\\,5)\\,3)' -fps_mode vfr @h264"),
    row("variable, WebM", "webm", "@30 -vf select='lt(mod(n\\,5)\\,3)' -fps_mode vfr @vp9"),
    // Codecs and containers.
    row("HEVC 23.976", "mp4", "@24000/1001 @tone @hevc"),
    row("HEVC 60", "mp4", "@60 @hevc"),
    row("HEVC as hev1", "mp4", "@30 @hevc -tag:v hev1"),
    row("HEVC in MOV", "mov", "@30 @tone @hevc"),
    row("HEVC in Matroska", "mkv", "@50 @tone @hevc -c:a ac3"),
    row("H.264 in MOV", "mov", "@30000/1001 @tone @h264"),
    row("H.264 in Matroska", "mkv", "@30000/1001 @tone @h264 -c:a aac"),
    row("VP8 30", "webm", "@30 @tone @vp8 -c:a libvorbis"),
    row("VP8 50", "webm", "@50 @vp8"),
    row("VP9 24", "webm", "@24 @tone @vp9 -c:a libopus"),
    row("VP9 29.97", "webm", "@30000/1001 @tone @vp9 -c:a libopus"),
    row("VP9 60", "webm", "@60 @vp9"),
    row("VP9 in MP4", "mp4", "@30 @tone @vp9 -c:a libopus -strict -2"),
    row("VP9 in Matroska", "mkv", "@25 @tone @vp9 -c:a flac"),
    row("AV1 in MP4", "mp4", "@30 @tone @av1"),
    row("AV1 in WebM", "webm", "@25 @tone @av1 -c:a libopus"),
    row("AV1 in Matroska", "mkv", "@60000/1001 @av1"),
    row("ProRes", "mov", "@25 @tone -c:v prores -c:a pcm_s16le"),
    row("MPEG-4 Part 2", "mp4", "@25 @tone -c:v mpeg4"),
    // Audio.
    row("MP3 in MP4", "mp4", "@30 @tone @h264 -c:a libmp3lame"),
    row("MP3 in MOV", "mov", "@30 @tone @h264 -c:a libmp3lame"),
    row("MP3 in Matroska", "mkv", "@30 @tone @h264 -c:a libmp3lame"),
    row("AAC in MOV", "mov", "@30 @tone @h264 -c:a aac"),
    row("AC-3 in MP4", "mp4", "@30 @tone @h264 -c:a ac3"),
    row("FLAC in MP4", "mp4", "@30 @tone @h264 -c:a flac -strict -2"),
    row("PCM in Matroska", "mkv", "@30 @tone @h264 -c:a pcm_s16le"),
    row("silent", "mp4", "@30 @h264"),
    row("sound first", "mp4", "@30 @tone -map 1 -map 0 @h264"),
    row("sound first, Matroska", "mkv", "@30 @tone -map 1 -map 0 @h264 -c:a aac"),
    row("sound for longer", "mp4", "@30 -f lavfi -i sine=d=2 @h264"),
    row("sound for shorter", "mp4", "@30 -f lavfi -i sine=d=0.2 @h264"),
    row("sound that begins late", "mp4", "@30 -itsoffset 1 -f lavfi -i sine=d=0.5 @h264"),
    row("two languages", "mp4", "@30 @tone @tone -map 0 -map 1 -map 2 @h264"),
    row("two pictures", "mp4", "@30 @25,64x64 @tone -map 0 -map 1 -map 2 @h264"),
    row("subtitles and chapters", "mov", "@30 @tone @h264 -timecode 10:00:00:00"),
    // Frames.
    row("landscape", "mp4", "@30,160x96 @h264"),
    row("square", "webm", "@30,96x96 @vp9"),
    row("odd sides", "mp4", "@30,98x162 -vf crop=97:161 -c:v libx264 -preset ultrafast -pix_fmt yuv444p"),
    row("turned by 90", "mp4", "@30,160x96 @tone @h264").then(|file| turned(file, [0, 1, -1, 0])),
    row("turned by 180", "mp4", "@30,160x96 @h264").then(|file| turned(file, [-1, 0, 0, -1])),
    row("turned by 270", "mp4", "@30,160x96 @h264").then(|file| turned(file, [0, -1, 1, 0])),
    row("turned by 90, MOV", "mov", "@30,160x96 @tone @hevc").then(|file| turned(file, [0, 1, -1, 0])),
    row("turned by 270, MOV", "mov", "@30,160x96 @h264").then(|file| turned(file, [0, -1, 1, 0])),
    row("wide pixels", "mp4", "@25 -vf setsar=4/3 @h264"),
    row("wide pixels, Matroska", "mkv", "@25 -vf setsar=4/3 @h264"),
    // Lengths.
    row("one picture", "mp4", "@30 -frames:v 1 @h264"),
    row("one picture, WebM", "webm", "@30 -frames:v 1 @vp9"),
    row("an hour", "mp4", "-f lavfi -i color=s=32x32:r=1:d=3600 @h264"),
    row("an hour, WebM", "webm", "-f lavfi -i color=s=32x32:r=1:d=3600 @vp8"),
    row("a header of more than half a megabyte", "mp4", "-f lavfi -i color=s=16x16:r=60:d=100 -c:v mpeg4 | -stream_loop 22 -i FIRST @tone -c:v copy"),
    // Cuts and order.
    row("pictures that look ahead", "mp4", "@30 @tone @b"),
    row("pictures that look ahead, MOV", "mov", "@30 @tone @b"),
    row("cut by an edit list", "mp4", "@30 @tone @b -c:a aac | -ss 0.2 -i FIRST -c copy"),
    row("cut short", "mp4", "@30 @tone @b -c:a aac | -i FIRST -t 0.3 -c copy"),
    row("header first", "mp4", "@30 @tone @h264 -movflags +faststart"),
    row("header first, MOV", "mov", "@30 @tone @hevc -movflags +faststart"),
    // Brands.
    row("brand of cameras", "mp4", "@30 @tone @h264 -brand XAVC"),
    row("brand of iTunes", "m4v", "@30 @tone @h264 -c:a aac"),
    row("brand of telephones", "3gp", "@30 @tone @h264 -c:a aac -ar 8000"),
    row("QuickTime without a brand", "mov", "@30 @tone @h264").then(|file| renamed(file, *b"ftyp", *b"wide")),
    // Fragments.
    row("fragments", "mp4", "@30 @tone @b -c:a aac | -i FIRST @fragments"),
    row("fragments after a header", "mp4", "@30 @tone @h264 -c:a aac | -i FIRST -c copy -movflags frag_keyframe"),
    row("fragments of one picture", "mp4", "@30 @tone @h264 -c:a aac | -i FIRST -c copy -movflags frag_every_frame"),
    row("fragments, moof by moof", "mp4", "@30 @tone @h264 -c:a aac | -i FIRST @fragments+default_base_moof"),
    row("fragments per track", "mp4", "@30 @tone @h264 -c:a aac | -i FIRST @fragments+separate_moof"),
    row("fragments, DASH", "mp4", "@30 @tone @b -c:a aac | -i FIRST @fragments+dash"),
    row("fragments, DASH with one index", "mp4", "@30 @h264 | -i FIRST @fragments+dash+global_sidx"),
    row("fragments, CMAF", "mp4", "@30 @tone @b -c:a aac | -i FIRST @fragments+cmaf").differs(Differs::Duration(
        0.523_2,
        "no edit list takes back that the pictures begin two frames late; ffprobe counts that nothing as played",
    )),
    row("fragments, header delayed", "mp4", "@30 @tone @b -c:a aac | -i FIRST -c copy -movflags frag_keyframe+delay_moov"),
    row("fragments, smooth streaming", "mp4", "@30 @tone @h264 -c:a aac | -i FIRST -c copy -movflags isml+frag_keyframe"),
    row("fragments without an index", "mp4", "@30 @tone @h264 -c:a aac | -i FIRST @fragments").then(without_index),
    row("fragments without an index, DASH", "mp4", "@30 @h264 | -i FIRST @fragments+dash+skip_sidx").then(without_index),
    row(
        "half a megabyte of fragments without an index",
        "mp4",
        "-f lavfi -i testsrc2=s=64x96:r=30:d=5,noise=alls=99 @h264 | -i FIRST @fragments",
    )
    .then(without_index),
    row("megabytes of fragments without an index", "mp4", "-f lavfi -i testsrc2=s=160x240:r=30:d=6,noise=alls=99 @h264 | -i FIRST @fragments")
        .then(without_index)
        .differs(Differs::NoRate("those in the middle are not read")),
    row("fragments whose sound goes on", "mp4", "-f lavfi -i testsrc2=s=96x160:r=30:d=3,noise=alls=60 -f lavfi -i sine=d=5 @h264 -c:a aac | -i FIRST @fragments")
        .differs(Differs::NoRate("those in the middle are not read")),
    row("fragments of a slow beginning and end", "mp4", "-f lavfi -i testsrc2=s=96x160:r=30:d=4,noise=alls=60 -vf select='if(lt(t\\,1)+gt(t\\,3)\\,not(mod(n\\,3))\\,1)' -fps_mode vfr @h264 | -i FIRST @fragments")
        .differs(Differs::NoRate("those in the middle are not read")),
    // Matroska's order of things.
    row("index first", "mkv", "@30 @tone @h264 -c:a aac -reserve_index_space 4096"),
    row("index first, WebM", "webm", "@30 @vp9 -cues_to_front 1"),
    row("many clusters", "mkv", "@30 @h264 -cluster_time_limit 50"),
    row("dressed for DASH", "webm", "@30 @vp9 -dash 1"),
    // Live recordings.
    row("live WebM", "webm", "@30 @vp8 -f webm -live 1"),
    row("live WebM with sound", "webm", "@30 @tone @vp9 -c:a libopus -f webm -live 1"),
    row("live Matroska", "mkv", "@30 @tone @h264 -c:a aac -f matroska -live 1"),
    row("live WebM of two megabytes", "webm", "-f lavfi -i testsrc2=s=160x240:r=30:d=3,noise=alls=100 @vp8 -b:v 9M -f webm -live 1"),
    // Other writers.
    row("GStreamer, WebM", "webm", "gst-launch-1.0 -q @gst ! vp8enc deadline=1 ! webmmux ! @out"),
    row("GStreamer, WebM with sound", "webm", "gst-launch-1.0 -q @gst ! vp9enc deadline=1 ! webmmux name=m ! @out @bell ! opusenc ! m."),
    row("GStreamer, WebM to a pipe", "webm", "gst-launch-1.0 -q @gst ! vp8enc deadline=1 ! webmmux streamable=true ! @out"),
    row("GStreamer, Matroska", "mkv", "gst-launch-1.0 -q @gst ! @x264 ! matroskamux ! @out"),
    row("GStreamer, MP4", "mp4", "gst-launch-1.0 -q @gst ! @x264 ! mp4mux ! @out"),
    row("GStreamer, MP4, header first", "mp4", "gst-launch-1.0 -q @gst ! @x264 ! mp4mux faststart=true ! @out"),
    row("GStreamer, MP4 in fragments", "mp4", "gst-launch-1.0 -q @gst ! @x264 ! mp4mux fragment-duration=200 ! @out"),
    row("GStreamer, MOV", "mov", "gst-launch-1.0 -q @gst ! @x264 ! qtmux ! @out"),
    row("GStreamer, 4:4:4", "mp4", "gst-launch-1.0 -q @gst444 ! @x264 ! mp4mux ! @out"),
    row("mkvmerge, Matroska", "mkv", "@30 @tone @h264 -c:a aac | mkvmerge -q -o OUT FIRST"),
    row("mkvmerge, WebM", "webm", "@30 @tone @vp9 -c:a libopus -strict -2 | mkvmerge -q -w -o OUT FIRST"),
    row("mkvmerge, of fragments", "mkv", "@30 @tone @h264 -c:a aac -movflags frag_keyframe+empty_moov | mkvmerge -q -o OUT FIRST"),
    // Finer than most.
    row("ten bits", "mp4", "@30 -c:v libx264 -preset ultrafast -pix_fmt yuv420p10le"),
    row("4:2:2", "mov", "@30 -c:v libx264 -preset ultrafast -pix_fmt yuv422p"),
    row("4:2:2 in ten bits, Matroska", "mkv", "@30 -c:v libx264 -preset ultrafast -pix_fmt yuv422p10le"),
    row("HEVC in ten bits", "mp4", "@30 -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=none -tag:v hvc1"),
    row("VP9 in 4:4:4, MP4", "mp4", "@30 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv444p"),
    row("AV1 in ten bits", "mp4", "@30 -c:v libaom-av1 -usage realtime -cpu-used 8 -pix_fmt yuv420p10le"),
    row("sound of 96 kHz", "mp4", "@30 -f lavfi -i sine=d=0.5:r=96000 @h264 -c:a aac -ar 96000"),
    row("six channels", "mp4", "@30 -f lavfi -i anullsrc=cl=5.1:d=0.5 @h264 -c:a aac"),
    row("six channels, Matroska", "mkv", "@30 -f lavfi -i anullsrc=cl=5.1:d=0.5 @h264 -c:a aac"),
    row("a cover in Matroska", "mkv", "@30 @tone @h264 | -f lavfi -i color=s=64x64:d=0.04 -i FIRST -map 0:v -map 1 -c:v:0 mjpeg -c:v:1 copy -c:a copy -disposition:v:0 0"),
    row("a cover in MOV", "mov", "@30 @tone @h264 | -f lavfi -i color=s=64x64:d=0.04 -i FIRST -map 0:v -map 1 -c:v:0 mjpeg -c:v:1 copy -c:a copy -disposition:v:0 0"),
];

fn same(file: Vec<u8>) -> Vec<u8> {
    file
}

/// Sets the first two rows of the first track's matrix.
fn turned(mut file: Vec<u8>, [a, b, c, d]: [i32; 4]) -> Vec<u8> {
    let matrix = place(&file, *b"tkhd") + 4 + 40;
    for (at, number) in [(0, a), (4, b), (12, c), (16, d)] {
        file[matrix + at..matrix + at + 4].copy_from_slice(&(number * 0x1_0000).to_be_bytes());
    }
    file
}

fn renamed(mut file: Vec<u8>, from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
    let at = place(&file, from);
    file[at..at + 4].copy_from_slice(&to);
    file
}

/// Cuts off the index at the end.
fn without_index(mut file: Vec<u8>) -> Vec<u8> {
    file.truncate(place(&file, *b"mfra") - 4);
    file
}

fn place(file: &[u8], kind: [u8; 4]) -> usize {
    file.windows(4).position(|window| window == kind).unwrap()
}
