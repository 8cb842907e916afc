//! The list of simulated platforms, and the types that have one member for each platform.

use super::simulator::Simulator;
use super::state::{Place, Tokens};
use crate::clock::Clock;
use crate::fault::Faults;
use crate::meta;
use crate::registration::{NotRegistered, Registration};
use crate::sandbox::Sandbox;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! platforms {
    ($($name:ident: $Platform:ident,)+) => {
        /// All simulated platforms.
        pub(crate) static SIMULATORS: &[&Simulator] = &[$(&crate::$name::SIMULATOR),+];

        /// Our app, as registered with each platform.
        #[derive(Debug, Clone)]
        pub struct Apps {
            $(
                #[allow(missing_docs, reason = "its name and its type say all")]
                pub $name: crate::$name::App,
            )+
        }

        impl Apps {
            /// Registers the app with every platform; `at` says what to enter on the platform's portal.
            pub fn registered(mut at: impl FnMut(&'static str) -> Registration) -> Self {
                Self { $($name: crate::$name::registered(at(stringify!($name)))),+ }
            }

            /// Checks each app as its platform would.
            pub(crate) fn check(&self) -> Result<(), NotRegistered> {
                $(self.$name.check().map_err(|error| NotRegistered::at(stringify!($name), &error))?;)+
                Ok(())
            }
        }

        /// The whole state of the sandbox.
        #[derive(Debug, Default, Serialize, Deserialize)]
        pub(crate) struct Memory {
            pub(crate) clock: Clock,
            pub(crate) faults: Faults,
            /// How often each endpoint was called, by `platform/endpoint`.
            pub(crate) calls: BTreeMap<String, u64>,
            #[serde(default)]
            pub(crate) meta: meta::World,
            $(
                #[serde(default)]
                pub(crate) $name: crate::$name::World,
            )+
        }

        impl Memory {
            /// Creates the accounts that the consent pages offer.
            pub(crate) fn populate(&mut self) {
                $(self.$name.populate();)+
            }
        }

        impl Sandbox {
            $(
                /// Returns the platform's state, for tests.
                #[must_use]
                pub fn $name(&self) -> crate::$name::$Platform<'_> {
                    crate::$name::$Platform { sandbox: self }
                }
            )+
        }

        $(
            impl Place for crate::$name::World {
                type Limits = crate::$name::Limits;
                type Published = crate::$name::Published;

                fn of(memory: &Memory) -> &Self {
                    &memory.$name
                }

                fn of_mut(memory: &mut Memory) -> &mut Self {
                    &mut memory.$name
                }

                fn limits(&self) -> &Self::Limits {
                    &self.limits
                }

                fn limits_mut(&mut self) -> &mut Self::Limits {
                    &mut self.limits
                }
            }

            impl crate::$name::$Platform<'_> {
                /// Returns everything published, oldest first. It includes videos in processing that nothing can
                /// stop.
                #[must_use]
                pub fn published(&self) -> Vec<crate::$name::Published> {
                    self.sandbox.published::<crate::$name::World>()
                }

                /// Returns how often an endpoint was called, with any outcome; see the `ENDPOINTS` of this module.
                #[must_use]
                pub fn calls(&self, endpoint: &str) -> u64 {
                    self.sandbox.calls(stringify!($name), endpoint)
                }

                /// Returns the limits.
                #[must_use]
                pub fn limits(&self) -> crate::$name::Limits {
                    self.sandbox.limits::<crate::$name::World>()
                }

                /// Replaces the limits.
                pub fn set_limits(&self, limits: crate::$name::Limits) {
                    self.sandbox.set_limits::<crate::$name::World>(limits);
                }

                /// Expires the access tokens of an account, or of the person who runs a Page. Returns whether there is
                /// one.
                pub fn expire_tokens(&self, account: &str) -> bool {
                    self.sandbox.expire::<crate::$name::World>(account, Tokens::Access)
                }

                /// Expires the refresh tokens; where there are none, the access tokens. Returns whether there is such
                /// an account.
                pub fn expire_refresh_tokens(&self, account: &str) -> bool {
                    self.sandbox.expire::<crate::$name::World>(account, Tokens::Refresh)
                }

                /// Ends the grant of an account, or of the person who runs a Page, as its owner would in the platform's
                /// settings. Returns whether there is one.
                pub fn revoke(&self, account: &str) -> bool {
                    self.sandbox.revoke::<crate::$name::World>(account)
                }
            }
        )+
    };
}

// A platform's place in this list is also its place on the index page.
platforms! {
    tiktok: TikTok,
    youtube: YouTube,
    instagram: Instagram,
    facebook: Facebook,
}

/// Returns the platform of that name.
pub(crate) fn find(name: &str) -> Option<&'static Simulator> {
    SIMULATORS.iter().copied().find(|simulator| simulator.name == name)
}
