//! Servers on the way: who gets the token, and where redirects lead.

use super::*;

/// The Hub is to know who asks; the server that it sends to is not.
#[test]
fn the_token_is_for_the_hub_alone() {
    let hub = Setting::new(|_| None);
    let home = tempfile::tempdir().unwrap();
    // A pipe that nobody writes to is no token.
    let made = Command::new("mkfifo")
        .arg(home.path().join("token"))
        .status();
    assert!(made.unwrap().success());
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    command.env("HF_HOME", home.path());
    assert_eq!(run(command).code, Some(0));
    fs::remove_file(home.path().join("token")).unwrap();
    fs::write(home.path().join("token"), "hf_file\n").unwrap();
    for (variable, token) in [("hf_set", "hf_set"), ("", "hf_file")] {
        let mut command = hub.command(&["fetch", "--columns", "all"]);
        command
            .env("HF_HOME", home.path())
            .env("HF_TOKEN", variable);
        assert_eq!(run(command).code, Some(0));
        let asked = hub.server.asked();
        let authorization = Some(format!("Bearer {token}"));
        let head = asked.iter().rfind(|ask| !is_get(ask)).unwrap();
        assert_eq!(head.authorization, authorization);
    }
    let asked = hub.server.asked();
    let bytes = asked.iter().find(|ask| ask.path == "/bytes").unwrap();
    assert_eq!(bytes.authorization, None);
}

/// The storage is another server, on another port of the same host.
#[test]
fn the_token_is_for_one_port() {
    let bytes = fs::read(file()).unwrap();
    let storage = Server::start(bytes.clone(), |_| None);
    let headers = linked(&bytes, &format!("{}/bytes", storage.address()));
    let hub = Setting::new(move |_| Some(Answer::Bare(302, headers.clone())));
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    command.env("HF_TOKEN", "hf_secret");
    hub.arrived(&run(command));
    let of = |server: &Server| -> Vec<Option<String>> {
        server
            .asked()
            .into_iter()
            .map(|ask| ask.authorization)
            .collect()
    };
    let token = Some("Bearer hf_secret".to_owned());
    assert_eq!(of(&hub.server), [token.clone(), token]);
    assert_eq!(of(&storage), [None]);
}

/// A mirror that leads to another server for everything.
#[test]
fn a_mirror_that_redirects() {
    let bytes = fs::read(file()).unwrap();
    let real = Server::start(bytes, |_| None);
    let address = real.address();
    let hub = Setting::new(move |ask| {
        let location = format!("Location: {address}{}\r\n", ask.path);
        Some(Answer::Bare(308, location))
    });
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    command.env("HF_TOKEN", "hf_secret");
    hub.arrived(&run(command));
    assert!(real.asked().iter().all(|ask| ask.authorization.is_none()));
    assert!(
        hub.server
            .asked()
            .iter()
            .all(|ask| ask.authorization.is_some())
    );
}

#[test]
fn through_a_proxy() {
    let hub = Setting::new(|_| None);
    let mut command = hub.command(&["fetch", "--columns", "all"]);
    command
        .env("HF_ENDPOINT", "http://hub.invalid/")
        .env("HTTP_PROXY", hub.server.address());
    hub.arrived(&run(command));
}

/// A proxy that nobody answers at, and one that leads to the server.
#[test]
fn around_a_proxy() {
    let hub = Setting::new(|_| None);
    let proxied = |endpoint: &str, proxy: &str, exceptions: &str| {
        let mut command = hub.command(&["fetch", "--plan"]);
        command.env("HF_ENDPOINT", endpoint);
        // It is the proxy of the other scheme that would lead nowhere.
        command
            .env("HTTP_PROXY", proxy)
            .env("HTTPS_PROXY", "127.0.0.1:9");
        command.env("NO_PROXY", exceptions);
        run(command).code
    };
    let (own, nobody) = (hub.server.address(), "http://127.0.0.1:9");
    let port = own.rsplit_once(':').unwrap().1;
    let one = format!("127.0.0.1:{port}, localhost:{port}");
    for exceptions in ["127.0.0.0/8, localhost", &one, "*"] {
        assert_eq!(proxied(&own, nobody, exceptions), Some(0), "{exceptions}");
    }
    for exceptions in ["", "128.0.0.0/8, localhost", "127.0.0.1:1, localhost"] {
        assert_eq!(proxied(&own, nobody, exceptions), Some(2), "{exceptions}");
    }
    let far = "http://127.1.2.3:9";
    assert_eq!(
        proxied(far, &own, "127.1.2.0/28:9, a, 126.0.0.0/7:"),
        Some(0)
    );
    for exceptions in ["127.1.0.0/16", "127.1.2.3:9", "http://127.1.2.3"] {
        assert_eq!(proxied(far, &own, exceptions), Some(2), "{exceptions}");
    }
}

#[test]
fn a_dataset_that_was_renamed() {
    let hub = Setting::new(|ask| {
        let path = ask.path.replace("/cfahlgren1/", "/somebody/");
        (path != ask.path).then(|| Answer::Bare(307, format!("Location: {path}\r\n")))
    });
    hub.arrived(&hub.fetch());
}
