//! Real-time events over real sockets, asked for in the order in which the published client does it.

use std::{net::SocketAddr, time::Duration};

use app::{
    TokenScope,
    chat::NewThread,
    model::{NamedParticipant, Retention},
};
use axum::body::Body;
use communication::RealTime;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Request, header};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::support::{Answer, Server};

/// Nothing here takes long; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(10);

struct House {
    server: Server,
    realtime: RealTime,
    address: SocketAddr,
}

impl House {
    async fn open() -> Self {
        let server = Server::start().await;
        let realtime = RealTime::start(&server.app);
        let routes = communication::router_with(server.app.clone(), Vec::new(), realtime.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { server, realtime, address }
    }

    async fn person(&self, scopes: &[TokenScope]) -> (String, String) {
        let identity = self.server.app.create_identity().await.unwrap();
        let token = self.server.app.issue_token(&identity.id, scopes, None).await.unwrap();
        (identity.id, token.token)
    }

    async fn chatter(&self) -> (String, String) {
        self.person(&[TokenScope::Chat]).await
    }

    /// A request with the token in the client's own header, over the socket's server. Gives status, headers and text.
    async fn ask(&self, method: &str, target: &str, token: Option<&str>, body: &str) -> (u16, String) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let token = token.map(|token| format!("x-skypetoken: {token}\r\n")).unwrap_or_default();
        let length = body.len();
        let head =
            format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n{token}content-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut text = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text))
            .await
            .unwrap()
            .unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Address and handshake; gives the path of pushes and the name of the socket.
    async fn handshake(&self, token: &str) -> (String, String) {
        let (status, body) = self.ask("POST", "/v4/a?cor_id=a&con_num=0&epid=b", Some(token), "").await;
        assert_eq!(status, 200, "{body}");
        let endpoint: Value = serde_json::from_str(&body).unwrap();
        for address in ["socketio", "surl", "url"] {
            assert!(
                endpoint[address].as_str().unwrap().ends_with('/'),
                "{address}: the client puts paths behind it"
            );
        }
        let path = url::Url::parse(endpoint["surl"].as_str().unwrap()).unwrap().path().to_owned();
        let parameters: Vec<String> = endpoint["connectparams"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
            .collect();
        let target = format!("/socket.io/1/?{}&v=v4&epid=b&auth=true&timeout=40", parameters.join("&"));
        let (status, body) = self.ask("GET", &target, Some(token), "").await;
        assert_eq!(status, 200, "{body}");
        let (name, rest) = body.split_once(':').unwrap();
        assert_eq!(rest, "25:60:websocket");
        (path, name.to_owned())
    }

    async fn socket(&self, name: &str) -> Result<Socket, u16> {
        match connect_async(format!("ws://{}/socket.io/1/websocket/{name}?v=v4", self.address)).await {
            Ok((stream, _)) => Ok(Socket(stream)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            // No status of HTTP, so that no test takes it for one.
            Err(_) => Err(0),
        }
    }

    /// A connected socket that has read its greetings.
    async fn connect(&self, token: &str) -> Socket {
        let (_, name) = self.handshake(token).await;
        let mut socket = self.socket(&name).await.unwrap();
        socket.greeted().await;
        socket
    }
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn greeted(&mut self) {
        assert_eq!(self.frame().await.as_deref(), Some("1::"));
        assert_eq!(
            self.frame().await.as_deref(),
            Some(r#"5:1::{"name":"trouter.connected","args":[{}]}"#)
        );
    }

    /// The next text; nothing at the end.
    async fn frame(&mut self) -> Option<String> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    async fn say(&mut self, text: &str) {
        self.0.send(Message::Text(text.to_owned().into())).await.unwrap();
    }

    /// The body of the next push, which is answered as the client does it.
    async fn push(&mut self) -> Value {
        let frame = self.frame().await.unwrap();
        let request: Value = serde_json::from_str(frame.strip_prefix("3:::").unwrap()).unwrap();
        self.say(&format!(
            "3:::{}",
            json!({ "id": request["id"], "status": 200, "headers": {}, "body": "" })
        ))
        .await;
        serde_json::from_str(request["body"].as_str().unwrap()).unwrap()
    }

    /// The socket is still served: it answers a ping, and has told nothing before.
    async fn lives_and_was_told_nothing(&mut self) {
        self.say(r#"5:7+::{"name":"ping"}"#).await;
        assert_eq!(self.frame().await.as_deref(), Some(r#"6:::7+["pong"]"#));
    }
}

/// A thread of whoever the token stands for, with somebody else.
async fn thread(house: &House, token: &str, with: &str) -> String {
    let caller = house.server.app.chat_caller(token).await.unwrap();
    let other = NamedParticipant {
        raw_id: with.to_owned(),
        display_name: None,
        share_history: 0,
        metadata: serde_json::Map::new(),
    };
    let new = NewThread {
        topic: "Roof".to_owned(),
        participants: vec![other],
        metadata: serde_json::Map::new(),
        retention: Retention::None,
        repeat_key: None,
    };
    house.server.app.create_chat_thread(&caller, new).await.unwrap().thread.id
}

/// Whoever the token stands for types in a thread.
async fn types(house: &House, token: &str, thread: &str) {
    let caller = house.server.app.chat_caller(token).await.unwrap();
    house.server.app.chat_typing(&caller, thread, None).await.unwrap();
}

#[tokio::test]
async fn a_client_finds_the_service_connects_registers_and_is_pushed_what_concerns_it() {
    let house = House::open().await;
    let (ann, token) = house.chatter().await;
    let (ben, ben_token) = house.chatter().await;
    let (_, other_token) = house.chatter().await;
    let thread = thread(&house, &ben_token, &ann).await;
    let config = house
        .server
        .send(Server::bearer(
            "GET",
            "/chat/config/realTimeNotifications?api-version=2024-09-01",
            "",
            &token,
        ))
        .await;
    assert_eq!(config.status, 200);
    for member in ["trouterServiceUrl", "registrarServiceUrl", "cloudType"] {
        assert!(config.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
    }
    let (path, name) = house.handshake(&token).await;
    let mut socket = house.socket(&name).await.unwrap();
    socket.greeted().await;
    let (status, _) = house
        .ask("POST", "/v3/registrations", Some(&token), r#"{"registrationId":"r","ttl":7200}"#)
        .await;
    assert_eq!(status, 202);
    let mut other = house.connect(&other_token).await;

    types(&house, &ben_token, &thread).await;
    let frame = socket.frame().await.unwrap();
    let request: Value = serde_json::from_str(frame.strip_prefix("3:::").unwrap()).unwrap();
    assert_eq!(request["url"], json!(path));
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["eventId"], &body["recipientMri"], &body["senderId"]),
        (&json!(245), &json!(ann), &json!(ben))
    );
    other.lives_and_was_told_nothing().await;

    let (status, _) = house.ask("DELETE", "/v3/registrations/r", Some(&token), "").await;
    assert_eq!(status, 202);
    socket.say("0::").await;
    assert_eq!(socket.frame().await, None);
}

#[tokio::test]
async fn every_device_of_a_person_is_told() {
    let house = House::open().await;
    let (ann, token) = house.chatter().await;
    let thread = thread(&house, &token, &ann).await;
    let mut devices = [house.connect(&token).await, house.connect(&token).await];
    types(&house, &token, &thread).await;
    for device in &mut devices {
        assert_eq!(device.push().await["eventId"], json!(245));
    }
}

#[tokio::test]
async fn an_echoed_heartbeat_is_not_answered_and_every_event_is_acknowledged() {
    let house = House::open().await;
    let (_, token) = house.chatter().await;
    let mut socket = house.connect(&token).await;
    socket.say("2::").await;
    socket.say(r#"5:1+::{"name":"user.activity","args":[{"state":"active"}]}"#).await;
    assert_eq!(socket.frame().await.as_deref(), Some("6:::1+[]"));
    socket.lives_and_was_told_nothing().await;
}

#[tokio::test]
async fn without_a_token_for_chat_no_step_is_made() {
    let house = House::open().await;
    let (_, token) = house.chatter().await;
    let (_, voice_only) = house.person(&[TokenScope::Voip]).await;
    let config = "/chat/config/realTimeNotifications";
    let code = |answer: Answer| {
        let (status, code, _) = answer.error();
        (status, code.to_owned())
    };
    let unauthorized = (401, "Unauthorized".to_owned());
    let bare = Request::get(config).body(Body::empty()).unwrap();
    assert_eq!(code(house.server.send(bare).await), unauthorized);
    assert_eq!(
        code(house.server.signed("GET", config, "").await),
        unauthorized,
        "an access key is no person"
    );
    assert_eq!(
        code(house.server.send(Server::bearer("GET", config, "", &voice_only)).await),
        (403, "Forbidden".to_owned())
    );
    assert_eq!(house.server.send(Server::bearer("GET", config, "", &token)).await.status, 200);
    for (method, target) in [
        ("POST", "/v4/a"),
        ("GET", "/socket.io/1/?address=00000000-0000-0000-0000-000000000000"),
        ("POST", "/v3/registrations"),
        ("DELETE", "/v3/registrations/r"),
    ] {
        assert_eq!(house.ask(method, target, None, "").await.0, 401, "{target}");
        assert_eq!(house.ask(method, target, Some("e30.e30.e30"), "").await.0, 401, "{target}");
        assert_eq!(house.ask(method, target, Some(&voice_only), "").await.0, 403, "{target}");
        assert!(house.ask(method, target, Some(&token), "").await.0 < 300, "{target}");
        assert_eq!(house.ask("PATCH", target, Some(&token), "").await.0, 405, "{target}");
    }
    assert_eq!(
        house.ask("GET", "/socket.io/1/", Some(&token), "").await.0,
        400,
        "without an address"
    );
    assert_eq!(house.ask("POST", "/v3/registrations", Some(&token), "[]").await.0, 400);
}

#[tokio::test]
async fn a_handshake_opens_one_socket_and_only_a_socket() {
    let house = House::open().await;
    let (_, token) = house.chatter().await;
    let (_, name) = house.handshake(&token).await;
    let target = format!("/socket.io/1/websocket/{name}");
    assert_eq!(house.ask("GET", &target, Some(&token), "").await.0, 400);
    let mut socket = house.socket(&name).await.unwrap();
    socket.greeted().await;
    assert_eq!(house.socket(&name).await.err(), Some(401), "used");
    assert_eq!(house.socket("made-up").await.err(), Some(401));
    socket.lives_and_was_told_nothing().await;
}

#[tokio::test]
async fn a_revocation_ends_the_socket_within_a_second_and_nobody_elses() {
    let house = House::open().await;
    let (ann, token) = house.chatter().await;
    let (_, other_token) = house.chatter().await;
    let mut socket = house.connect(&token).await;
    let mut other = house.connect(&other_token).await;
    let (_, name) = house.handshake(&token).await;
    house.server.app.revoke_tokens(&ann).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(1), socket.frame()).await;
    assert_eq!(ended.expect("within a second"), None);
    assert_eq!(house.socket(&name).await.err(), Some(401), "a handshake from before");
    assert_eq!(house.ask("POST", "/v4/a", Some(&token), "").await.0, 401);
    other.lives_and_was_told_nothing().await;
}

#[tokio::test]
async fn a_socket_ends_with_its_token_unless_a_newer_one_was_shown_for_it() {
    let house = House::open().await;
    let identity = house.server.app.create_identity().await.unwrap();
    let token = house
        .server
        .app
        .issue_token(&identity.id, &[TokenScope::Chat], Some(60))
        .await
        .unwrap();
    // The server's clock stands still: the one has an hour left, the other a moment.
    let mut early = house.connect(&token.token).await;
    house.server.advance_micros(3_600_000_000 - 300_000);
    let mut late = house.connect(&token.token).await;
    let (path, name) = house.handshake(&token.token).await;
    let mut extended = house.socket(&name).await.unwrap();
    extended.greeted().await;
    let newer = house.server.app.issue_token(&identity.id, &[TokenScope::Chat], None).await.unwrap();
    let registration = json!({ "transports": { "TROUTER": [{ "path": format!("https://localhost{path}") }] } });
    let (status, _) = house
        .ask("POST", "/v3/registrations", Some(&newer.token), &registration.to_string())
        .await;
    assert_eq!(status, 202);
    assert_eq!(late.frame().await, None);
    early.lives_and_was_told_nothing().await;
    extended.lives_and_was_told_nothing().await;
}

#[tokio::test]
async fn what_is_no_frame_ends_the_socket_and_a_flood_does() {
    let house = House::open().await;
    let (_, token) = house.chatter().await;
    for junk in [
        Message::Text("hello".into()),
        Message::Binary(vec![1, 2, 3].into()),
        Message::Text(format!("5:1+::{{\"name\":\"{}\"}}", "x".repeat(70_000)).into()),
    ] {
        let mut socket = house.connect(&token).await;
        socket.lives_and_was_told_nothing().await;
        drop(socket.0.send(junk).await);
        assert_eq!(socket.frame().await, None);
    }
    let mut socket = house.connect(&token).await;
    let mut answers = 0;
    for _ in 0..200 {
        drop(socket.0.send(Message::Text(r#"5:1+::{"name":"ping"}"#.into())).await);
    }
    while socket.frame().await.is_some() {
        answers += 1;
    }
    assert!((100..=120).contains(&answers), "{answers} answers");
}

#[tokio::test]
async fn answers_to_pushes_are_no_flood() {
    let house = House::open().await;
    let (ann, token) = house.chatter().await;
    let (_, other_token) = house.chatter().await;
    let thread = thread(&house, &other_token, &ann).await;
    let mut socket = house.connect(&token).await;
    for _ in 0..90 {
        for sender in [&token, &other_token] {
            types(&house, sender, &thread).await;
            socket.push().await;
        }
    }
    socket.lives_and_was_told_nothing().await;
}

#[tokio::test]
async fn a_stop_says_goodbye_and_lets_nobody_in() {
    let house = House::open().await;
    let (_, token) = house.chatter().await;
    let mut socket = house.connect(&token).await;
    let (_, name) = house.handshake(&token).await;
    house.realtime.stop().await;
    let Some(Ok(Message::Close(Some(close)))) = socket.0.next().await else {
        panic!("no goodbye");
    };
    assert_eq!(u16::from(close.code), 1001);
    assert_eq!(house.socket(&name).await.err(), Some(429));
}

#[tokio::test]
async fn browsers_from_anywhere_may_ask() {
    let house = House::open().await;
    for target in ["/v4/a", "/socket.io/1/", "/v3/registrations", "/chat/config/realTimeNotifications"] {
        let preflight = Request::options(target)
            .header(header::ORIGIN, "https://app.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "x-skypetoken,content-type")
            .body(Body::empty())
            .unwrap();
        let answer = house.server.send(preflight).await;
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let allowed = answer.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        assert!(allowed.contains("x-skypetoken"), "{allowed}");
    }
    let refused = house.server.send(Request::post("/v4/a").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (refused.error().0, &refused.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN]),
        (401, &"*".parse().unwrap())
    );
}

#[tokio::test]
async fn deleting_an_application_ends_the_sockets_that_were_opened_through_it_within_a_second() {
    let house = House::open().await;
    let app = &house.server.app;
    let administrator = house
        .server
        .accounts
        .members
        .iter()
        .find(|member| member.member.administrator)
        .unwrap();
    let administrator = app::Caller::Member {
        member: administrator.member.clone(),
        scopes: vec![app::permissions::SETTINGS_READ_WRITE.to_owned()],
        client_id: house.server.accounts.tenant.meet_client_id.clone(),
    };
    let rota = app
        .register_application(
            &administrator,
            app::applications::ApplicationDraft {
                display_name: "Rota".to_owned(),
                ..app::applications::ApplicationDraft::default()
            },
        )
        .await
        .unwrap();
    let exchange = async |client: &str| {
        let anna = &house.server.accounts.members[0].member.id;
        let claims = json!({ "oid": anna, "azp": client, "scp": "Chat" });
        let bearer = house.server.token("https://communication.azure.com/clients", &claims);
        let (_, issued) = app.exchange_bearer(&bearer, app::exchange::BearerExchange::Clients).await.unwrap();
        issued.token
    };
    let (token, other) = (
        exchange(&rota.client_id).await,
        exchange(&house.server.accounts.application.client_id).await,
    );
    let (mut socket, mut same_person) = (house.connect(&token).await, house.connect(&other).await);
    let (_, name) = house.handshake(&token).await;
    app.delete_application(&administrator, &rota.client_id).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(1), socket.frame()).await;
    assert_eq!(ended.expect("within a second"), None);
    assert_eq!(house.socket(&name).await.err(), Some(401), "a handshake from before");
    assert_eq!(house.ask("POST", "/v4/a", Some(&token), "").await.0, 401);
    same_person.lives_and_was_told_nothing().await;
}

#[tokio::test]
async fn handshakes_that_a_visitors_source_leaves_open_keep_no_guest_of_that_source_out() {
    let house = House::open().await;
    let guest = house.chatter().await.1;
    for _ in 0..256 {
        let (_, visitor) = house.server.app.visitor_token().await.unwrap();
        let target = "/socket.io/1/?address=00000000-0000-0000-0000-000000000000";
        assert_eq!(house.ask("GET", target, Some(&visitor.token), "").await.0, 200);
    }
    let (_, visitor) = house.server.app.visitor_token().await.unwrap();
    let target = "/socket.io/1/?address=00000000-0000-0000-0000-000000000000";
    assert_eq!(house.ask("GET", target, Some(&visitor.token), "").await.0, 429);
    house.connect(&guest).await.lives_and_was_told_nothing().await;
}
