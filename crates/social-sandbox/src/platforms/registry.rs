//! The list of simulated platforms, and the types that have one member for each platform.

use super::simulator::Simulator;
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
        pub(crate) static SIMULATORS: &[&dyn Simulator] = &[$(&crate::$name::Simulated),+];

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
                    crate::$name::$Platform::of(self)
                }
            )+
        }
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
pub(crate) fn find(name: &str) -> Option<&'static dyn Simulator> {
    SIMULATORS.iter().copied().find(|simulator| simulator.about().name == name)
}
