//! The hasher against a known vector, a full queue, and whoever goes away.

use super::*;

/// Of the reference implementation, src/test.c: version 0x13, 2 passes, 2^16 KiB, 1 lane, “password”, “somesalt”.
const VECTOR: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

fn settings() -> PasswordSettings {
    crate::config::Settings::load(None).unwrap().passwords
}

fn with(change: impl Fn(&mut PasswordSettings)) -> Hasher {
    let mut settings = settings();
    change(&mut settings);
    Hasher::start(&settings).unwrap()
}

fn text(text: &str) -> PasswordText {
    PasswordText::new(text.into())
}

fn verdict(hasher: &Hasher, password: &str, stored: &str) -> Verdict {
    hasher.verify_blocking(text(password), Some(stored.into())).unwrap()
}

#[test]
fn the_vector_of_the_reference_implementation_is_right() {
    let hasher = with(|_| {});
    assert_eq!(verdict(&hasher, "password", VECTOR), Verdict { is_right: true, needs_rehash: false });
    for wrong in ["passwore", "Password", "password ", "password\0", ""] {
        assert!(!verdict(&hasher, wrong, VECTOR).is_right, "{wrong}");
    }
}

#[test]
fn a_hash_is_a_phc_string_of_the_settings_with_a_salt_of_its_own() {
    let hasher = with(|_| {});
    let [first, second] = [(); 2].map(|()| hasher.hash_blocking(text("a password of mine")).unwrap());
    assert_ne!(first, second);
    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && first.len() == 97, "{first}");
    for stored in [&first, &second] {
        assert_eq!(verdict(&hasher, "a password of mine", stored), Verdict { is_right: true, needs_rehash: false });
    }
}

#[test]
fn passwords_are_compared_exactly() {
    let hasher = with(|_| {});
    // The same letter, composed and decomposed; a NUL inside; beyond the 72 bytes that bcrypt would see.
    let (long, longer) = ("x".repeat(1000), "x".repeat(1001));
    for (password, other) in
        [("lozinka č", "lozinka c\u{30c}"), ("a\0b", "a\0c"), ("a\0b", "a"), (&long, &longer), ("🦀🦀", "🦀")]
    {
        let stored = hasher.hash_blocking(text(password)).unwrap();
        assert!(verdict(&hasher, password, &stored).is_right);
        assert!(!verdict(&hasher, other, &stored).is_right);
    }
}

#[test]
fn weaker_parameters_ask_for_a_rehash() {
    let stored = with(|_| {}).hash_blocking(text("a")).unwrap();
    let needs_rehash = |change: fn(&mut PasswordSettings)| verdict(&with(change), "a", &stored).needs_rehash;
    assert!(needs_rehash(|settings| settings.memory_kib += 1));
    assert!(needs_rehash(|settings| settings.iterations += 1));
    assert!(needs_rehash(|settings| settings.lanes += 1));
    assert!(!needs_rehash(|_| {}));
    // After the settings were lowered, what is stronger stays.
    let stronger = with(|settings| settings.iterations += 1).hash_blocking(text("a")).unwrap();
    assert_eq!(verdict(&with(|_| {}), "a", &stronger), Verdict { is_right: true, needs_rehash: false });
}

#[test]
fn nobodys_password_costs_as_much_and_is_never_right() {
    let hasher = with(|_| {});
    let stored = hasher.hash_blocking(text("a")).unwrap();
    let before = hasher.runs();
    let nobody = hasher.verify_blocking(text("a"), None).unwrap();
    assert_eq!((nobody, hasher.runs() - before), (Verdict { is_right: false, needs_rehash: false }, 1));
    let before = hasher.runs();
    assert!(!verdict(&hasher, "b", &stored).is_right);
    assert_eq!(hasher.runs() - before, 1);
    // The dummy has the current parameters, so that it fills as much memory as often.
    let dummy = hasher.parse(None).unwrap();
    assert_eq!((dummy.params(), dummy.salt().len()), (&hasher.params, SALT_BYTES));
    assert_eq!(Stored::parse(&stored).unwrap().params().block_count(), dummy.params().block_count());
}

#[test]
fn a_stored_text_that_is_no_hash_of_ours_is_an_error() {
    let hasher = with(|_| {});
    let wrong = [
        String::new(),
        "password".into(),
        VECTOR.replace("argon2id", "argon2i"),
        VECTOR.replace("v=19", "v=16"),
        VECTOR.replace("$v=19", ""),
        VECTOR.replace("m=65536", "m=4194304"),
        VECTOR.replace("t=2", "t=1000"),
        VECTOR.replace("PPc", ""),
        VECTOR.replace("$c29tZXNhbHQ", ""),
    ];
    for stored in wrong {
        let outcome = hasher.verify_blocking(text("password"), Some(stored.clone()));
        assert!(matches!(outcome, Err(Error::Corrupt(_))), "{stored}");
    }
    assert_eq!(hasher.runs(), 0);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// A hasher whose queues hold two each and are served only when the test says so.
fn unserved() -> (Hasher, Queues) {
    let mut settings = settings();
    settings.queue = 2;
    Hasher::with_queues(&settings).unwrap()
}

#[test]
fn a_full_queue_is_busy_and_recovers() {
    let (hasher, queues) = unserved();
    let ask = || hasher.ask(&hasher.last, text("a"), &hasher.params, &[1; SALT_BYTES]);
    let waiting = [ask().unwrap(), ask().unwrap()];
    for _ in 0..3 {
        assert!(matches!(ask(), Err(Error::Busy { retry_after_seconds: 1 })));
    }
    worker::spawn(queues.last, Turn::Last, Arc::clone(&hasher.runs)).unwrap();
    for answer in waiting {
        assert!(answer.blocking_recv().unwrap().is_ok());
    }
    assert!(ask().unwrap().blocking_recv().unwrap().is_ok());
    assert_eq!(hasher.runs(), 3);
}

#[test]
fn whoever_waits_in_vain_goes_to_the_second_thread() {
    let (mut hasher, queues) = unserved();
    hasher.patience = Duration::ZERO;
    worker::spawn(queues.sure, Turn::Sure, Arc::clone(&hasher.runs)).unwrap();
    let stored = runtime().block_on(hasher.hash(text("a"))).unwrap();
    assert!(runtime().block_on(hasher.verify(text("a"), Some(stored))).unwrap().is_right);
    let runs = Arc::clone(&hasher.runs);
    drop(hasher);
    // What they left in the first queue is for nobody.
    worker::serve(&queues.last, &runs, |_| ());
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[test]
fn whoever_goes_away_costs_no_hash() {
    let (hasher, queues) = unserved();
    runtime().block_on(async {
        // Asks when it is first polled, then goes away.
        let mut asking = Box::pin(hasher.hash(text("a")));
        std::future::poll_fn(|context| std::task::Poll::Ready(asking.as_mut().poll(context).is_pending())).await;
    });
    let stays = hasher.ask(&hasher.last, text("b"), &hasher.params, &[1; SALT_BYTES]).unwrap();
    let runs = Arc::clone(&hasher.runs);
    drop(hasher);
    // With the last hasher gone the thread's work ends.
    worker::serve(&queues.last, &runs, |_| ());
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(stays.blocking_recv().unwrap().is_ok());
}

#[test]
fn many_ask_at_once_and_each_gets_the_own_answer() {
    let hasher = with(|_| {});
    let stored = hasher.hash_blocking(text("3")).unwrap();
    let answers = runtime().block_on(async {
        let asked = (0..6).map(|number| {
            let (hasher, stored) = (hasher.clone(), stored.clone());
            tokio::spawn(async move { hasher.verify(text(&number.to_string()), Some(stored)).await })
        });
        let mut answers = Vec::new();
        for answer in asked.collect::<Vec<_>>() {
            answers.push(answer.await.unwrap().unwrap().is_right);
        }
        answers
    });
    assert_eq!(answers, [false, false, false, true, false, false]);
}

#[test]
fn a_password_is_never_shown() {
    assert_eq!(format!("{:?}", text("secret")), "PasswordText(…)");
    let read: PasswordText = serde_json::from_str("\"a\\u0000b\"").unwrap();
    assert_eq!(read.as_str(), "a\0b");
}

#[test]
fn how_long_a_full_queue_takes() {
    assert_eq!(retry_after_seconds(&settings()), 2);
    let mut large = settings();
    large.queue = 1024;
    assert_eq!(retry_after_seconds(&large), 25);
}

#[test]
fn a_hash_that_others_wanted_the_processor_beside_is_followed_by_a_rest() {
    let rest = |wall: u64, processor: u64| {
        let millis = Duration::from_millis;
        worker::Spent { wall: millis(wall), processor: millis(processor) }.rest().as_millis()
    };
    assert_eq!([rest(24, 24), rest(28, 24), rest(0, 0)], [0, 0, 0], "alone it goes on at once");
    assert_eq!([rest(30, 24), rest(100, 24), rest(144, 24)], [114, 44, 0]);
    assert_eq!(rest(900, 24), 0, "who waited that long already rests no more");
}
