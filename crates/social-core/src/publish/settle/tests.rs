use super::*;

fn step(name: &str) -> Checkpoint {
    Checkpoint { name: name.to_owned(), body: "{}".to_owned() }
}

/// Only at `poll` and `verify` may the platform have all it needs.
fn is_committed(step: &Checkpoint) -> bool {
    matches!(step.name.as_str(), "poll" | "verify")
}

/// Settles an outcome of the step `name`, with no way to query it.
fn end(name: &str, effect: Effect, failures: u32, outcome: Outcome) -> Settled {
    settled(&step(name), effect, failures, None, outcome)
}

fn settled(
    step: &Checkpoint,
    effect: Effect,
    failures: u32,
    reconcile: Option<Checkpoint>,
    outcome: Outcome,
) -> Settled {
    settle(&StepRun { effect, failures, reconcile, ..run(step) }, outcome)
}

fn run(step: &Checkpoint) -> StepRun<'_> {
    let was = if is_committed(step) { StateName::Processing } else { StateName::Publishing };
    StepRun {
        step,
        effect: Effect::Read,
        was,
        committed_at: &is_committed,
        failures: 0,
        reconcile: None,
        is_proof: false,
        jitter: 1.0,
    }
}

/// Settles an outcome of a call that must not be sent twice, and whose refusal is proof.
fn proven(failures: u32, outcome: Outcome) -> Settled {
    settle(&StepRun { effect: Effect::Once, failures, is_proof: true, ..run(&step("init")) }, outcome)
}

const WINDOW: Disposition = Disposition::Hold {
    reason: HeldReason::RateLimit,
    window: crate::model::Window::For(Duration::from_mins(1)),
    scope: crate::model::HoldScope::Account,
};

fn error(disposition: Disposition) -> PlatformError {
    let (code, message) = ("some_code".to_owned(), "Some sentence.");
    PlatformError { code, status: 200, disposition, message, log_id: None }
}

fn unread(error: &SourceError) -> Outcome {
    Outcome::SourceFailed(error.into())
}

fn refused(status: u16, disposition: Disposition) -> Outcome {
    Outcome::Read(Err(PlatformError { status, ..error(disposition) }))
}

const LATER: Disposition = Disposition::Retry { after: None };

/// Returns what the tests compare: the state, its step, and how often it has failed.
fn told(settled: &Settled) -> (&'static str, Option<&str>, u32) {
    let Settled::State(state) = settled else { panic!("{settled:?} is no state") };
    let (step, failures) = match state {
        ResultState::Publishing { step, failures, .. } | ResultState::Processing { step, failures, .. } => {
            (Some(step), *failures)
        }
        ResultState::InDoubt { step, .. } => (Some(step), 0),
        ResultState::Held { step, .. } => (step.as_ref(), 0),
        _ => (None, 0),
    };
    (state.name().name(), step.map(|step| step.name.as_str()), failures)
}

#[test]
fn a_once_call_that_may_have_been_sent_is_never_repeated() {
    let unclear = [
        || Outcome::NoReply,
        || Outcome::Crashed,
        || refused(500, LATER),
        || refused(503, Disposition::Retry { after: Some(Duration::from_secs(7)) }),
        || refused(408, LATER),
        || refused(200, Disposition::Ambiguous),
        || refused(400, Disposition::Permanent),
        || refused(400, Disposition::UserFixable),
        || Outcome::Read(Ok(Progress::Restart(step("init"), error(Disposition::Permanent)))),
    ];
    for outcome in unclear {
        let doubt = end("init", Effect::Once, 0, outcome());
        assert_eq!(told(&doubt), ("in_doubt", Some("init"), 0), "{:?}", outcome());
        let asked = settled(&step("publish"), Effect::Once, 0, Some(step("verify")), outcome());
        assert_eq!(told(&asked), ("processing", Some("verify"), 0), "{:?}", outcome());
        // The same call is no way to query its outcome.
        let itself = settled(&step("init"), Effect::Once, 0, Some(step("init")), outcome());
        assert_eq!(told(&itself), ("in_doubt", Some("init"), 0), "{:?}", outcome());
    }
}

#[test]
fn an_unsent_call_is_repeated_and_so_is_a_refused_one_if_that_is_proof() {
    for effect in [Effect::Read, Effect::Idempotent, Effect::Once] {
        for outcome in [Outcome::NotSent, unread(&SourceError::Stalled)] {
            assert_eq!(told(&end("init", effect, 2, outcome)), ("publishing", Some("init"), 3), "{effect:?}");
        }
    }
    assert_eq!(told(&proven(2, refused(429, LATER))), ("publishing", Some("init"), 3));
    assert_eq!(told(&proven(0, refused(400, Disposition::Permanent))).0, "failed");
    assert_eq!(
        told(&proven(0, refused(200, Disposition::Ambiguous))).0,
        "in_doubt",
        "it says itself that it is none"
    );
}

#[test]
fn the_outcome_of_a_refused_call_is_queried_first_after_any_obstacle() {
    let at = |disposition, status| {
        settled(&step("publish"), Effect::Once, 3, Some(step("verify")), refused(status, disposition))
    };
    assert_eq!(told(&at(WINDOW, 429)), ("held", Some("verify"), 0));
    let refresh = at(Disposition::RefreshToken, 401);
    let Settled::RefreshToken(ResultState::Processing { step, .. }) = refresh else { panic!("{refresh:?}") };
    assert_eq!(step.name, "verify");
    let ended = at(Disposition::Reconnect, 400);
    let Settled::Reconnect(ResultState::Held { step: Some(step), until: None, .. }) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(step.name, "verify");
}

#[test]
fn an_idempotent_call_is_repeated_after_any_failure() {
    for effect in [Effect::Read, Effect::Idempotent] {
        for outcome in
            [Outcome::NoReply, Outcome::Crashed, refused(500, LATER), refused(200, Disposition::Ambiguous)]
        {
            assert_eq!(told(&end("ask", effect, 0, outcome)), ("publishing", Some("ask"), 1), "{effect:?}");
        }
    }
}

#[test]
fn patience_ends_after_eight_failures_and_after_forty_eight_looks() {
    let given_up = |name, failures| end(name, Effect::Idempotent, failures, Outcome::NotSent);
    assert_eq!(told(&given_up("ask", 6)), ("publishing", Some("ask"), 7));
    assert_eq!(told(&given_up("ask", 7)).0, "failed", "nothing was sent that could publish it");
    for error in [SourceError::Stalled, SourceError::RangeIgnored, SourceError::Truncated { missing: 1 }] {
        let unread = end("ask", Effect::Idempotent, 7, unread(&error));
        let Settled::State(ResultState::Failed { code, message }) = unread else { panic!("{unread:?}") };
        let told = (error.code(), error.message());
        assert_eq!((code.as_str(), message.as_str()), told, "the platform did nothing wrong");
    }
    assert_eq!(told(&given_up("poll", 46)), ("processing", Some("poll"), 47));
    assert_eq!(told(&given_up("poll", 47)).0, "in_doubt", "giving up asking proves nothing");
}

#[test]
fn a_step_that_forgets_that_the_call_may_have_published_is_not_taken() {
    for progress in [Progress::Next(step("init")), Progress::Wait(step("init"), Duration::from_mins(1))] {
        let read = || Outcome::Read(Ok(progress.clone()));
        let asked = settled(&step("publish"), Effect::Once, 0, Some(step("verify")), read());
        assert_eq!(told(&asked), ("processing", Some("verify"), 0));
        // After a call that cannot publish yet, any step may follow.
        let next = settled(&step("chunk"), Effect::Once, 0, Some(step("ask")), read());
        assert_eq!(told(&next), ("publishing", Some("init"), 0));
    }
}

#[test]
fn a_refused_look_proves_nothing_and_is_taken_again() {
    for disposition in [Disposition::Permanent, Disposition::UserFixable] {
        assert_eq!(told(&end("ask", Effect::Read, 0, refused(400, disposition))).0, "failed");
        let again = end("poll", Effect::Read, 0, refused(400, disposition));
        assert_eq!(told(&again), ("processing", Some("poll"), 1));
        let over = end("poll", Effect::Read, 47, refused(400, disposition));
        let Settled::State(ResultState::InDoubt { code, message, .. }) = over else { panic!("{over:?}") };
        assert_eq!((code.as_str(), message), ("some_code", UNCONFIRMED));
    }
}

#[test]
fn tokens_grants_and_windows_fail_nothing() {
    let refresh = proven(3, refused(401, Disposition::RefreshToken));
    assert!(
        matches!(refresh, Settled::RefreshToken(ResultState::Publishing { failures: 3, .. })),
        "{refresh:?}"
    );
    let ended = proven(0, refused(401, Disposition::Reconnect));
    assert!(matches!(ended, Settled::Reconnect(ResultState::Held { until: None, .. })), "{ended:?}");
    assert_eq!(told(&proven(7, refused(429, WINDOW))), ("held", Some("init"), 0));
}

#[test]
fn waiting_and_getting_on_are_no_failures() {
    let next = end("init", Effect::Once, 5, Outcome::Read(Ok(Progress::Next(step("poll")))));
    assert_eq!(told(&next), ("processing", Some("poll"), 0));
    let wait = Progress::Wait(step("poll"), Duration::from_mins(1));
    assert_eq!(told(&end("poll", Effect::Read, 5, Outcome::Read(Ok(wait)))), ("processing", Some("poll"), 0));
}

#[test]
fn an_attempt_that_the_platform_ended_restarts_from_the_beginning() {
    let restart = |disposition| {
        let progress = Progress::Restart(step("init"), error(disposition));
        end("poll", Effect::Read, 40, Outcome::Read(Ok(progress)))
    };
    assert_eq!(told(&restart(LATER)), ("publishing", Some("init"), 1));
    assert_eq!(
        told(&restart(Disposition::Permanent)).0,
        "failed",
        "of this attempt the platform has nothing"
    );
}

#[test]
fn what_is_over_only_becomes_more_so() {
    let step = step("poll");
    let look = |was, failures, outcome| settle(&StepRun { was, failures, ..run(&step) }, outcome);
    let published = || Outcome::Read(Ok(Progress::Published(Receipt::default(), None)));
    assert_eq!(told(&look(StateName::DeliveredToInbox, 0, published())).0, "published");
    let delivered = || Outcome::Read(Ok(Progress::DeliveredToInbox(Receipt::default(), None)));
    assert_eq!(look(StateName::Published, 0, delivered()), Settled::Unchanged);
    for was in [StateName::Published, StateName::DeliveredToInbox] {
        let refusals =
            [Disposition::Permanent, Disposition::UserFixable].map(|verdict| refused(400, verdict));
        let troubles = [Outcome::NoReply, Outcome::Crashed, Outcome::NotSent, refused(500, LATER)];
        for outcome in troubles.into_iter().chain(refusals) {
            assert_eq!(told(&look(was, 0, outcome)).0, was.name());
        }
        assert_eq!(look(was, 8, Outcome::NoReply), Settled::Unchanged, "what it looked for is worth no more");
        assert_eq!(look(was, 0, refused(400, Disposition::Reconnect)), Settled::Unchanged);
        let doubt = Progress::Doubt(step.clone(), "code", "Some sentence.");
        assert_eq!(look(was, 0, Outcome::Read(Ok(doubt))), Settled::Unchanged);
        assert_eq!(look(was, 0, Outcome::Read(Ok(Progress::Recalled))), Settled::Unchanged);
    }
}

#[test]
fn a_backoff_doubles_to_a_quarter_of_an_hour_and_falls_anywhere_within() {
    let most: Vec<u64> = (1..=10).map(|failures| backoff(failures, 1.0).as_secs()).collect();
    assert_eq!(most, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    assert_eq!(backoff(u32::MAX, 1.0), Duration::from_mins(15));
    for failures in 1..=10 {
        assert_eq!(
            backoff(failures, 0.0),
            Duration::from_secs(1),
            "full jitter starts at zero, and the minimum is a second"
        );
        let (half, whole) = (backoff(failures, 0.5).as_millis(), backoff(failures, 1.0).as_millis());
        assert_eq!(half * 2, whole);
    }
}
