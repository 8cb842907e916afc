//! The commands for operators.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::place::Place;

#[test]
fn what_is_no_command_is_not_taken_for_local_mode() {
    let place = Place::new("command");
    let (output, said) = place.run(&["sevre"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("help"), "{said}");
    let (output, said) = place.run(&["migrate"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("DATABASE_URL"), "{said}");
}

#[test]
fn rotating_keys_requires_the_database_and_the_keys_and_shows_neither() {
    let place = Place::new("rotate");
    let (output, said) = place.run(&["rotate-keys"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("DATABASE_URL"), "{said}");
    let vars = [("DATABASE_URL", "postgres://canary@localhost/x"), ("TOKEN_ENCRYPTION_KEYS", "k1:canary")];
    let (output, said) = place.run(&["rotate-keys"], &vars);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("TOKEN_ENCRYPTION_KEYS") && !said.contains("canary"), "{said}");
}

#[test]
fn help_lists_every_command_and_is_no_error() {
    let place = Place::new("help");
    for words in [["help"], ["--help"], ["-h"]] {
        let (output, _) = place.run(&words, &[]);
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{shown}");
        for part in ["serve", "migrate", "rotate-keys", "generate-key", "health", "local mode"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
}

#[test]
fn a_generated_key_goes_to_stdout_alone_and_the_configuration_takes_it() {
    let place = Place::new("key");
    let new = |vars: &[(&str, &str)]| {
        let (output, said) = place.run(&["generate-key"], vars);
        assert!(output.status.success(), "{said}");
        (String::from_utf8(output.stdout).unwrap().trim_end().to_owned(), said)
    };
    let (first, said) = new(&[]);
    let key = first.strip_prefix("k1:").unwrap();
    assert_eq!(STANDARD.decode(key).unwrap().len(), 32);
    assert!(said.contains("TOKEN_ENCRYPTION_KEYS") && !said.contains(key), "{said}");
    let (second, said) = new(&[("TOKEN_ENCRYPTION_KEYS", &first)]);
    assert!(second.starts_with("k2:") && !second.contains(key), "{second}");
    assert!(said.contains("docs/rotate-secrets.md"), "{said}");
    // Both together are a list of keys, or this would be refused before the database is missed.
    let keys = format!("{first},{second}");
    let vars =
        [("DATABASE_URL", "postgres://nobody@127.0.0.1:1/x"), ("TOKEN_ENCRYPTION_KEYS", keys.as_str())];
    let (_, said) = place.run(&["rotate-keys"], &vars);
    assert!(said.contains("cannot be reached"), "{said}");
}

#[test]
fn the_health_command_says_whether_the_process_on_the_port_is_ready() {
    let place = Place::new("health");
    let running = place.start();
    let port = running.port.to_string();
    let ask = || place.run(&["health"], &[("PORT", &port), ("HTTP_PROXY", "http://127.0.0.1:1")]);
    let (output, said) = ask();
    assert!(output.status.success(), "{said}");
    assert_eq!(output.stdout, b"{\"status\":\"ok\"}\n");
    running.stop_postgres(&place);
    let (output, said) = ask();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("database_unavailable"), "{said}");
    drop(running);
    let (output, said) = ask();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&format!("no process responds on 127.0.0.1:{port}")), "{said}");
}
