//! Checks the settings of this environment live.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use social_core::config::Mode;
use social_core::doctor::{Report, Verdict, examine};
use social_core::web::{Functions, StartError};

use crate::command::Doctor;
use crate::error::ServerError;
use crate::logs::{self, Reader};
use crate::vars::Vars;

/// Runs `social-server doctor`.
pub(crate) fn run(options: &Doctor) -> Result<(), ServerError> {
    let vars = Vars::of_environment();
    logs::start(&vars, Reader::Person);
    let token = options.token.as_deref().map(read_token).transpose()?;
    // One connection: two calls in a row then show whether a pooler is between.
    let report = match Functions::from_vars(Mode::Hosted, 1, &|name| vars.find(name)) {
        Ok(functions) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(ServerError::Runtime)?;
            runtime.block_on(examine(&functions.publisher.flow, token.as_deref()))
        }
        Err(StartError::Config(error)) => Report::of_settings(&error),
        Err(error @ StartError::DatabaseUrl) => Report::of_setting(&error.to_string()),
        Err(error @ StartError::Client(_)) => return Err(error.into()),
    };
    if options.json {
        println!("{}", serde_json::json!(report));
    } else {
        print(&report);
    }
    if report.verdict == Verdict::Wrong { Err(ServerError::Unwell) } else { Ok(()) }
}

/// One line for each check, and below it what to do.
fn print(report: &Report) {
    for check in &report.checks {
        println!("{:<7}  {}: {}", check.verdict.name(), check.check, check.finding);
        if let Some(remedy) = &check.remedy {
            println!("         {remedy}");
        }
    }
}

fn read_token(file: &Path) -> Result<String, ServerError> {
    let read = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    let failed = |source| ServerError::File { doing: "read", path: file.to_owned(), source };
    Ok(read.map_err(failed)?.trim().to_owned())
}
