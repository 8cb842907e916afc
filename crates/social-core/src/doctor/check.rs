//! One finding, and all of them.

use serde::Serialize;

use crate::config::ConfigError;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All is well.
    Ok,
    /// It works, and a person should look at it.
    Warning,
    /// It does not work.
    Wrong,
}

impl Verdict {
    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// The stable name of the check.
    pub check: String,
    /// How serious it is.
    pub verdict: Verdict,
    /// What was found, for people.
    pub finding: String,
    /// What to do; `None`: nothing.
    pub remedy: Option<String>,
}

impl Check {
    pub(super) fn new(check: impl Into<String>, verdict: Verdict, finding: impl Into<String>) -> Self {
        Self { check: check.into(), verdict, finding: finding.into(), remedy: None }
    }

    pub(super) fn ok(check: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, finding)
    }

    /// Returns the same finding with what to do.
    pub(super) fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

/// All findings.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The most serious one.
    pub verdict: Verdict,
    /// Each of them, in the order of the checks.
    pub checks: Vec<Check>,
}

impl Report {
    pub(super) fn of(checks: Vec<Check>) -> Self {
        let verdict = checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok);
        Self { verdict, checks }
    }

    /// Returns the findings about settings that cannot be read. Nothing else can be checked without them.
    #[must_use]
    pub fn of_settings(error: &ConfigError) -> Self {
        let unreadable = |(name, problem): (&'static str, &str)| {
            Check::new("settings", Verdict::Wrong, format!("{name}: {problem}."))
                .remedy(".env.example has every variable with an example.")
        };
        Self::of(error.problems().map(unreadable).collect())
    }

    /// Returns the finding about a `DATABASE_URL` that cannot be read.
    #[must_use]
    pub fn of_setting(problem: &str) -> Self {
        Self::of(vec![Check::new("settings", Verdict::Wrong, format!("{problem}."))])
    }
}
