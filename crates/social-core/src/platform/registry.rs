//! The list of platforms, and the types that have one member for each platform.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::connector::Connector;
use super::facts::Facts;
use super::options::{self, Given, UnreadableOptions};
use super::rules::{Draft, Options as _, Problem, Rules as _};
use super::steps::{AnyStep, Erased, Publication, Shows, Steps as _, UnreadableCheckpoint};
use super::worker::SocialWorker;
use crate::config::PlatformSettings;
use crate::model::{Checkpoint, Consent, PlatformId};
use crate::video::{Limits, VideoFacts};

macro_rules! platforms {
    ($($name:ident: $Platform:ident,)+) => {
        /// What is known about every platform.
        pub static FACTS: &[&Facts] = &[$(&super::$name::FACTS),+];

        /// How accounts of every platform are connected. It stands alone, so that a function that only connects
        /// accounts contains no steps.
        static CONNECTORS: &[&dyn Connector] = &[$(&super::$name::$Platform),+];

        // A platform is complete, or the program does not compile.
        const _: [(); 0] = [(); { const fn whole<T: SocialWorker>() {} $(whole::<super::$name::$Platform>();)+ 0 }];

        /// Returns options of a platform with every member.
        #[cfg(test)]
        pub(super) fn complete_options(platform: &PlatformId) -> Value {
            let all = [$((stringify!($name), super::$name::tests::complete_options())),+];
            all.into_iter().find(|(name, _)| *name == platform.as_str()).unwrap().1
        }

        /// Returns every text that a platform counts.
        #[cfg(test)]
        pub(super) fn counted() -> Vec<super::counting::Counted> {
            [$(super::$name::tests::counted()),+].into_iter().flatten().collect()
        }

        /// Returns the recorded responses of every platform.
        #[cfg(test)]
        pub(super) fn samples() -> Vec<super::odd_replies::Sample> {
            [$(super::$name::tests::odd::samples()),+].into_iter().flatten().collect()
        }

        /// One account to publish to, in a create request.
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct NewResult {
            /// The id of the account.
            #[schema(format = Uuid)]
            pub account_id: String,
            /// The caption on this account, if it differs from the post's.
            pub caption: Option<String>,
            /// Whether the video was made by AI, if that differs from the post's.
            pub ai_generated: Option<bool>,
            /// What a person agreed to before this was sent, as your page showed it. Stored, and returned with the
            /// result.
            pub consent: Option<Consent>,
            $(
                /// The options, if the account is on this platform.
                #[schema(value_type = Option<super::$name::Options>)]
                pub $name: Option<Given<super::$name::Options>>,
            )+
        }

        impl NewResult {
            /// Returns a platform other than `platform` for which the request gives options.
            pub fn other_options(&self, platform: &PlatformId) -> Option<&'static str> {
                let given = [$((stringify!($name), self.$name.is_some())),+];
                let is_other = |(name, is_given): &(&str, bool)| *is_given && *name != platform.as_str();
                given.into_iter().find(is_other).map(|(name, _)| name)
            }

            /// Returns the options for `platform`, with the problem if they do not fit; `None`: there is no
            /// such platform.
            pub fn options_for(
                self,
                platform: &PlatformId,
            ) -> Option<(PlatformOptions, Option<Problem>)> {
                $(if platform.as_str() == stringify!($name) {
                    let (options, problem) = Given::open(self.$name, stringify!($name));
                    return Some((PlatformOptions::$Platform(options), problem));
                })+
                None
            }
        }

        /// The options of a result in the contract: those of its platform.
        #[derive(Debug)]
        pub enum ResultOptions {}

        impl PartialSchema for ResultOptions {
            fn schema() -> RefOr<Schema> {
                let any = AnyOfBuilder::new()
                    .description(Some("The options of one result, as its platform has them."))
                    $(.item(Ref::from_schema_name(super::$name::Options::name())))+;
                Schema::AnyOf(any.build()).into()
            }
        }

        impl ToSchema for ResultOptions {
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                $(
                    schemas.push((super::$name::Options::name().into_owned(), super::$name::Options::schema()));
                    super::$name::Options::schemas(schemas);
                )+
            }
        }

        /// A platform with the options of one result.
        #[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
        #[serde(tag = "platform", content = "options", rename_all = "lowercase")]
        pub enum PlatformOptions {
            $(
                /// The platform's options, in its own spelling.
                $Platform(super::$name::Options),
            )+
        }

        impl PlatformOptions {
            /// Reads the stored options of a result.
            ///
            /// # Errors
            /// If this version of the program cannot read them.
            pub fn read(platform: &PlatformId, stored: &Value) -> Result<Self, UnreadableOptions> {
                $(if platform.as_str() == stringify!($name) {
                    return options::stored(platform, stored).map(Self::$Platform);
                })+
                Err(UnreadableOptions { platform: platform.clone(), field: String::new() })
            }

            /// Returns the options to store.
            #[must_use]
            pub fn to_store(&self) -> Value {
                match self { $(Self::$Platform(options) => options::to_store(options),)+ }
            }

            /// Returns the option that labels the video as AI-generated.
            pub fn ai_label(&mut self) -> &mut Option<bool> {
                match self { $(Self::$Platform(options) => options.ai_label(),)+ }
            }

            /// See [`Rules::check`](super::Rules::check).
            #[must_use]
            pub fn check(&self, draft: &Draft<'_>) -> Vec<Problem> {
                match self { $(Self::$Platform(options) => super::$name::$Platform.check(&draft.with(options)),)+ }
            }

            /// See [`Rules::limits`](super::Rules::limits).
            #[must_use]
            pub fn limits(&self, facts: &VideoFacts) -> &'static Limits {
                match self { $(Self::$Platform(options) => super::$name::$Platform.limits(options, facts),)+ }
            }

            /// See [`Rules::longest`](super::Rules::longest).
            #[must_use]
            pub fn longest(&self, choices: &Value) -> Option<Duration> {
                match self { $(Self::$Platform(options) => super::$name::$Platform.longest(options, choices),)+ }
            }

            /// See [`Rules::has_choices`](super::Rules::has_choices).
            #[must_use]
            pub fn has_choices(&self) -> bool {
                match self { $(Self::$Platform(options) => super::$name::$Platform.has_choices(options),)+ }
            }

            /// See [`Rules::check_choices`](super::Rules::check_choices).
            #[must_use]
            pub fn check_choices(&self, choices: &Value) -> Vec<Problem> {
                match self { $(Self::$Platform(options) => super::$name::$Platform.check_choices(options, choices),)+ }
            }

            /// Returns the first step of a publication with these options.
            #[must_use]
            pub fn first(&self, publication: &Publication<'_>, settings: &PlatformSettings) -> Checkpoint {
                match self {
                    $(Self::$Platform(options) => {
                        let first = super::$name::$Platform.first(&publication.with(options), settings);
                        super::steps::write(&super::$name::$Platform, &first)
                    })+
                }
            }

            /// Reads a step of a result with these options.
            ///
            /// # Errors
            /// If this version of the program cannot read it.
            pub fn step(&self, at: &Checkpoint) -> Result<Box<dyn AnyStep + '_>, UnreadableCheckpoint> {
                Ok(match self {
                    $(Self::$Platform(options) => Box::new(Erased::new(super::$name::$Platform, at, options)?),)+
                })
            }

            /// Returns a step of a result as others see it.
            ///
            /// # Errors
            /// If this version of the program cannot read it.
            pub fn shows(&self, at: &Checkpoint) -> Result<Shows, UnreadableCheckpoint> {
                self.step(at).map(|step| step.shows())
            }
        }
    };
}

// A platform's place in this list is also its place in every reply that lists platforms.
platforms! {
    tiktok: TikTok,
    youtube: YouTube,
    instagram: Instagram,
    facebook: Facebook,
}

/// Returns what is known about the platform of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Facts> {
    FACTS.iter().copied().find(|facts| facts.id.as_str() == name)
}

/// Returns how accounts of a platform are connected.
#[must_use]
pub fn connector(id: &PlatformId) -> Option<&'static dyn Connector> {
    CONNECTORS.iter().copied().find(|connector| connector.facts().id == *id)
}
