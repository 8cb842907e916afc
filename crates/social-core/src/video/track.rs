//! The tracks of a movie header (ISO/IEC 14496-12 §8.3 to §8.6).

use shiguredo_mp4::boxes::{HdlrBox, MdhdBox, SttsBox, TkhdBox};

use super::boxes::{Boxes, Head, decode};
use super::samples::Samples;
use super::sparse_buffer::{Pause, SparseBuffer, malformed};

/// Sample durations are added up from a table up to this size.
const TABLE_MAX: u64 = 64 * 1024;

/// A video or audio track of the movie header.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) is_video: bool,
    pub(super) header: TkhdBox,
    pub(super) timescale: u64,
    /// How long the media lasts, in its own time.
    pub(super) ticks: Option<u64>,
    pub(super) entry: Option<Head>,
    /// The samples of the movie header, which precede all fragments. `None`: it takes too long to add them up.
    pub(super) samples: Option<Samples>,
}

impl Track {
    /// Reads a track, unless it is neither video nor audio.
    pub(super) fn read(buffer: &SparseBuffer, trak: &Head) -> Result<Option<Self>, Pause> {
        let [tkhd, mdia] = Boxes::of(buffer, Some(trak)).first([b"tkhd", b"mdia"])?;
        let [hdlr, mdhd, minf] = Boxes::of(buffer, mdia.as_ref()).first([b"hdlr", b"mdhd", b"minf"])?;
        let handler: Option<HdlrBox> = decode(buffer, hdlr.as_ref())?;
        let is_video = match handler.map(|handler| handler.handler_type) {
            Some(HdlrBox::HANDLER_TYPE_VIDE) => true,
            Some(HdlrBox::HANDLER_TYPE_SOUN) => false,
            _ => return Ok(None),
        };
        let Some(header) = decode(buffer, tkhd.as_ref())? else { return Ok(None) };
        let timing: Option<MdhdBox> = decode(buffer, mdhd.as_ref())?;
        let ticks = timing.as_ref().and_then(|timing| known(timing.duration));
        let [stbl] = Boxes::of(buffer, minf.as_ref()).first([b"stbl"])?;
        let [stsd, stts] = Boxes::of(buffer, stbl.as_ref()).first([b"stsd", b"stts"])?;
        let mut entries = stsd.map(|stsd| Boxes::within(buffer, stsd.body.start + 8..stsd.body.end));
        let entry = entries.as_mut().and_then(Iterator::next).transpose()?;
        let stts = stts.filter(|stts| stts.body.end - stts.body.start <= TABLE_MAX);
        let samples = if let Some(stts) = stts {
            let table: SttsBox = decode(buffer, Some(&stts))?.ok_or(malformed("a time table"))?;
            let runs = table.entries.iter();
            Some(runs.map(|run| Samples::lasting(run.sample_count, run.sample_delta)).sum())
        } else {
            let is_of_sizes = |head: &Head| matches!(&head.kind, b"stsz" | b"stz2");
            let mut boxes = Boxes::of(buffer, stbl.as_ref());
            let sizes = boxes.find(|head| head.as_ref().map_or(true, is_of_sizes)).transpose()?;
            // The count precedes the sizes, which are not read.
            let count = sizes.map(|sizes| buffer.u32(sizes.body.start + 8)).transpose()?;
            count.map(|count| Samples { count: count.into(), ticks: ticks.unwrap_or(0) })
        };
        let timescale = timing.map_or(0, |timing| timing.timescale.get().into());
        Ok(Some(Self { is_video, header, timescale, ticks, entry, samples }))
    }

    /// How well it fits as the movie's track of its kind. A single still image is a poster or a cover.
    pub(super) fn rank(&self) -> (bool, bool) {
        let kind = self.entry.as_ref().map(|entry| &entry.kind);
        let is_still = matches!(kind, Some(b"jpeg" | b"png " | b"gif " | b"tiff" | b"BMP "));
        let is_moving = self.samples.is_some_and(|samples| samples.count > 1);
        (is_moving || !is_still, self.header.flag_track_enabled)
    }

    pub(super) fn described(&self) -> Result<&Head, Pause> {
        self.entry.as_ref().ok_or(malformed("a track without sample description"))
    }

    pub(super) fn rotation(&self) -> u16 {
        let [a, b, ..] = self.header.matrix;
        match (a.signum(), b.signum()) {
            (0, 1) => 90,
            (-1, 0) => 180,
            (0, -1) => 270,
            _ => 0,
        }
    }
}

/// A duration in ticks. None at all is unknown, and so is one of all ones, in 32 or 64 bits.
pub(super) fn known(ticks: u64) -> Option<u64> {
    (![0, u32::MAX.into(), u64::MAX].contains(&ticks)).then_some(ticks)
}
