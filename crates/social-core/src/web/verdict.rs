//! The verdict on a post that was only checked, as a response.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::AccountId;
use crate::video::{AudioCodec, Chroma, Container, Hdr, PinnedVideo, VideoCodec};

/// Everything that would stop a post, and what its owner may want to know.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdict {
    /// Whether nothing would stop it.
    pub(super) valid: bool,
    /// What would stop it.
    pub(super) errors: Vec<Finding>,
    /// What its owner may want to know.
    pub(super) warnings: Vec<Finding>,
    /// The video's header; `null` if it cannot be read.
    #[schema(required = true)]
    pub(super) video: Option<VideoHeader>,
    /// The format for each account; empty if the video cannot be read.
    pub(super) surfaces: Vec<Surface>,
}

/// One finding.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    /// The stable code.
    pub(super) code: String,
    /// What is wrong and what is allowed.
    pub(super) message: String,
    /// What to fix.
    pub(super) field: String,
    /// The account that it concerns; absent if it concerns all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) account_id: Option<AccountId>,
}

/// The format of an account's result.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Surface {
    pub(super) account_id: AccountId,
    /// Its name, such as `Instagram Reels`.
    pub(super) surface: &'static str,
}

/// What a video's header states. What it does not state is `null`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VideoFacts)]
pub(super) struct VideoHeader {
    /// The size of the file.
    size_bytes: u64,
    /// The duration of video and audio.
    #[schema(required = true)]
    duration_ms: Option<u64>,
    /// The width in pixels as shown.
    #[schema(required = true)]
    width: Option<u32>,
    /// The height in pixels as shown.
    #[schema(required = true)]
    height: Option<u32>,
    /// The average frame rate.
    #[schema(required = true)]
    frame_rate: Option<f64>,
    /// The container, by content and never by name.
    #[schema(value_type = String)]
    container: Container,
    /// How the video is coded.
    #[schema(value_type = Option<String>, required = true)]
    video_codec: Option<VideoCodec>,
    /// How the audio is coded.
    #[schema(value_type = Option<String>, required = true)]
    audio_codec: Option<AudioCodec>,
    /// `4:0:0`, `4:2:0`, `4:2:2` or `4:4:4`.
    #[schema(value_type = Option<String>, required = true)]
    chroma: Option<Chroma>,
    /// How many bits a sample of a frame has.
    #[schema(required = true)]
    bit_depth: Option<u8>,
    /// `pq` or `hlg`, if it is of high dynamic range.
    #[schema(value_type = Option<String>, required = true)]
    hdr: Option<Hdr>,
    /// The audio's sample rate, in Hz.
    #[schema(required = true)]
    sample_rate: Option<u32>,
    /// How many channels the audio has.
    #[schema(required = true)]
    channels: Option<u16>,
}

impl From<&PinnedVideo> for VideoHeader {
    fn from(video: &PinnedVideo) -> Self {
        let facts = &video.facts;
        let milliseconds =
            |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self {
            size_bytes: facts.size,
            duration_ms: facts.duration.map(milliseconds),
            width: facts.width,
            height: facts.height,
            frame_rate: facts.frame_rate,
            container: facts.container,
            video_codec: facts.video_codec.clone(),
            audio_codec: facts.audio_codec.clone(),
            chroma: facts.chroma,
            bit_depth: facts.bit_depth,
            hdr: facts.hdr,
            sample_rate: facts.sample_rate,
            channels: facts.channels,
        }
    }
}
