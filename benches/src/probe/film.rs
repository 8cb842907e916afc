//! The files that are probed: ffmpeg makes seconds of noise, repeats them without encoding them again, and what is to
//! be 4 GiB long gets a hole.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::trouble::Outcome;

/// A file and what is particular about it.
pub(super) struct Film {
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
}

const PICTURES: &str = "-f lavfi -i testsrc2=s=540x960:r=30:d=4,noise=alls=40 -f lavfi -i sine=d=4 -shortest";
const FRAGMENTS: &str = "-movflags frag_keyframe+empty_moov+default_base_moof";
const FOUR_GIB: u64 = 1 << 32;

/// Makes all of them, or takes those that are there.
pub(super) fn all(folder: &Path) -> Outcome<Vec<Film>> {
    fs::create_dir_all(folder)?;
    let seed = folder.join("seed.mp4");
    let bits = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 60 -b:v 7200k -maxrate 7200k -bufsize 1M -c:a aac";
    once(&seed, &format!("{PICTURES} {bits}"))?;
    let seed_webm = folder.join("seed.webm");
    let bits = "-c:v libvpx -deadline realtime -cpu-used 8 -g 60 -b:v 7200k -c:a libopus";
    once(&seed_webm, &format!("{PICTURES} {bits}"))?;
    let again = |seed: &Path, times: u32| format!("-stream_loop {times} -i {}", seed.display());
    let film = |name, file: &str, arguments: &str| -> Outcome<Film> {
        let path = folder.join(file);
        once(&path, arguments)?;
        Ok(Film { name, path })
    };
    let (looped, looped_webm) = (again(&seed, 23), again(&seed_webm, 23));
    let mut films = vec![
        film("MP4, header last", "last.mp4", &format!("{looped} -c copy"))?,
        film("MP4, header first", "first.mp4", &format!("{looped} -c copy -movflags +faststart"))?,
        film("MP4, fragments and an index", "indexed.mp4", &format!("{looped} -c copy {FRAGMENTS}"))?,
        film("WebM", "film.webm", &format!("{looped_webm} -c copy"))?,
        film("WebM, live", "live.webm", &format!("{looped_webm} -c copy -f webm -live 1"))?,
    ];
    films.push(without_index(folder)?);
    films.push(stretched("MP4 of 4 GiB, header last", &folder.join("last.mp4"), folder.join("last_4g.mp4"))?);
    films.push(stretched(
        "MP4 of 4 GiB, header first",
        &folder.join("first.mp4"),
        folder.join("first_4g.mp4"),
    )?);
    Ok(films)
}

fn once(path: &Path, arguments: &str) -> Outcome<()> {
    if path.exists() {
        return Ok(());
    }
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments.split_whitespace())
        .arg(path)
        .status()?;
    if made.success() { Ok(()) } else { Err("ffmpeg failed".into()) }
}

/// The fragments, with the index at the end cut off.
fn without_index(folder: &Path) -> Outcome<Film> {
    let bytes = fs::read(folder.join("indexed.mp4"))?;
    let index = bytes.windows(4).rposition(|window| window == b"mfra").ok_or("no index")?;
    let path = folder.join("unindexed.mp4");
    fs::write(&path, bytes.get(..index - 4).unwrap_or_default())?;
    Ok(Film { name: "MP4, fragments without an index", path })
}

/// A film whose media box gets a hole at its end, so that the file is 4 GiB long.
fn stretched(name: &'static str, film: &Path, path: PathBuf) -> Outcome<Film> {
    let bytes = fs::read(film)?;
    // ffmpeg leaves eight bytes free before the media box, for a length of 64 bits.
    let free =
        bytes.windows(8).position(|window| window == b"\0\0\0\x08free").ok_or("no place for a length")?;
    let header = bytes.get(free + 8..free + 12).and_then(|size| size.first_chunk()).ok_or("no media box")?;
    let media = usize::try_from(u32::from_be_bytes(*header)).unwrap_or(usize::MAX);
    let (front, back) = bytes.split_at_checked(free + 8 + media).ok_or("a short media box")?;
    let back_at = FOUR_GIB - u64::try_from(back.len()).unwrap_or(0);
    let start = u64::try_from(free).unwrap_or(0);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
    file.write_all(front)?;
    file.seek(SeekFrom::Start(start))?;
    file.write_all(b"\0\0\0\x01mdat")?;
    file.write_all(&(back_at - start).to_be_bytes())?;
    file.set_len(FOUR_GIB)?;
    file.seek(SeekFrom::Start(back_at))?;
    file.write_all(back)?;
    Ok(Film { name, path })
}
