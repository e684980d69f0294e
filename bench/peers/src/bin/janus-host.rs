//! Janus with its video rooms behind lines of JSON (dialect `feeds` of the load generator).
//!
//! `janus-host ADDRESS INTERFACE CORE EVENT_LOOPS FOLDER` writes a configuration into FOLDER, starts `janus` on CORE with that many event loops (0: a thread for
//! each connection, which is its default) and translates. The process that is measured is Janus, not this one.

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anteroom_bench_peers::{Refusal, number, numbers, serve, text};
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

/// Port of the control connection: the usual one, in a network namespace of its own.
const PORT: u16 = 8_188;

fn main() -> Result<(), Refusal> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [ip, interface, core, loops, folder] = arguments.as_slice() else {
        return Err("say ADDRESS INTERFACE CORE EVENT_LOOPS FOLDER".into());
    };
    let (ip, loops): (IpAddr, u32) = (ip.parse()?, loops.parse()?);
    configure(Path::new(folder), ip, interface, loops)?;
    let version = version()?;
    let server = Server(start(Path::new(folder), core)?);
    let mut janus = Janus::connect(ip)?;
    let kind = if loops == 0 {
        "default".to_owned()
    } else {
        format!("event_loops={loops}")
    };
    let name = format!("Janus {version} ({kind})");
    serve(ip, server.0.id(), "feeds", &name, |what, parameters| janus.answer(what, parameters))?;
    Ok(())
}

/// Janus, which ends with this process when that ends well; otherwise whoever started this one ends the whole group.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `janus --version` prints `janus 1.1.2`, among other words.
fn version() -> Result<String, Refusal> {
    let output = Command::new("janus")
        .arg("--version")
        .output()
        .map_err(|error| format!("janus cannot be started ({error}); install it"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    Ok(text
        .split_whitespace()
        .find(is_version)
        .unwrap_or("of unknown version")
        .trim_end_matches(',')
        .to_owned())
}

fn configure(folder: &Path, ip: IpAddr, interface: &str, loops: u32) -> Result<(), Refusal> {
    fs::create_dir_all(folder)?;
    let event_loops = if loops == 0 {
        String::new()
    } else {
        format!("    event_loops = {loops}\n")
    };
    let others = [
        "audiobridge",
        "echotest",
        "nosip",
        "recordplay",
        "sip",
        "streaming",
        "textroom",
        "videocall",
        "voicemail",
        "duktape",
        "lua",
    ];
    let disabled = others.map(|name| format!("libjanus_{name}.so")).join(",");
    let general = format!(
        "general: {{\n    debug_level = 3\n    session_timeout = 0\n    admin_secret = \"unused\"\n{event_loops}}}\n\
         media: {{\n    ipv6 = false\n    rtp_port_range = \"20000-60000\"\n}}\n\
         nat: {{\n    ice_lite = true\n    ice_enforce_list = \"{interface}\"\n}}\n\
         plugins: {{\n    disable = \"{disabled}\"\n}}\n\
         transports: {{\n    disable = \"libjanus_http.so,libjanus_rabbitmq.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so\"\n}}\n\
         events: {{\n    broadcast = false\n}}\n"
    );
    fs::write(folder.join("janus.jcfg"), general)?;
    let sockets =
        format!("general: {{\n    ws = true\n    ws_port = {PORT}\n    ws_ip = \"{ip}\"\n}}\nadmin: {{\n    admin_ws = false\n}}\n");
    fs::write(folder.join("janus.transport.websockets.jcfg"), sockets)?;
    fs::write(folder.join("janus.plugin.videoroom.jcfg"), "general: {\n}\n")?;
    Ok(())
}

fn start(folder: &Path, core: &str) -> Result<Child, Refusal> {
    let log = fs::File::create(folder.join("janus.log"))?;
    let mut command = Command::new("taskset");
    command
        .args(["-c", core, "janus", "-F"])
        .arg(folder)
        .arg("-C")
        .arg(folder.join("janus.jcfg"));
    // taskset becomes Janus: the number stays.
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.spawn().map_err(|error| format!("janus cannot be started: {error}").into())
}

/// A session of Janus' API over a WebSocket.
struct Janus {
    socket: WebSocket<TcpStream>,
    session: u64,
    control: u64,
    transaction: u64,
    rooms: Vec<u64>,
    /// Handle of a person's connection that receives.
    receivers: HashMap<u64, u64>,
    /// M-lines of microphone and camera of those who send.
    lines: HashMap<u64, [Option<String>; 2]>,
}

impl Janus {
    fn connect(ip: IpAddr) -> Result<Self, Refusal> {
        let late = Instant::now() + Duration::from_secs(10);
        let stream = loop {
            match TcpStream::connect((ip, PORT)) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > late => return Err(format!("janus does not listen ({error}); see janus.log").into()),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{ip}:{PORT}/").into_client_request()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", "janus-protocol".parse()?);
        let (socket, _) = tungstenite::client(request, stream).map_err(|error| error.to_string())?;
        let mut janus = Self {
            socket,
            session: 0,
            control: 0,
            transaction: 0,
            rooms: Vec::new(),
            receivers: HashMap::new(),
            lines: HashMap::new(),
        };
        janus.session = number(&janus.ask(json!({"janus": "create"}))?["data"], "id")?;
        janus.control = janus.attach()?;
        Ok(janus)
    }

    /// Sends a request and waits for what answers it, past acknowledgements and news of others.
    fn ask(&mut self, mut request: Value) -> Result<Value, Refusal> {
        self.transaction += 1;
        let transaction = self.transaction.to_string();
        request["transaction"] = transaction.clone().into();
        if self.session != 0 {
            request["session_id"] = self.session.into();
        }
        self.socket.send(Message::text(request.to_string()))?;
        loop {
            let Message::Text(text) = self.socket.read()? else { continue };
            let answer: Value = serde_json::from_str(&text)?;
            if answer["transaction"] != *transaction || answer["janus"] == "ack" {
                continue;
            }
            let told = &answer["plugindata"]["data"];
            return match (&answer["error"]["reason"], &told["error"]) {
                (Value::String(why), _) | (_, Value::String(why)) => Err(why.clone().into()),
                _ => Ok(answer),
            };
        }
    }

    fn attach(&mut self) -> Result<u64, Refusal> {
        number(
            &self.ask(json!({"janus": "attach", "plugin": "janus.plugin.videoroom"}))?["data"],
            "id",
        )
    }

    fn message(&mut self, handle: u64, body: Value, jsep: Option<Value>) -> Result<Value, Refusal> {
        let mut request = json!({"janus": "message", "handle_id": handle, "body": body});
        if let Some(jsep) = jsep {
            request["jsep"] = jsep;
        }
        self.ask(request)
    }

    /// A feed exists for Janus a moment after its sender saw the media path come up: until then it is asked again.
    fn when_fed(&mut self, handle: u64, body: &Value) -> Result<Value, Refusal> {
        let late = Instant::now() + Duration::from_secs(5);
        loop {
            match self.message(handle, body.clone(), None) {
                Err(error) if error.to_string().contains("No such feed") && Instant::now() < late => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                told => return told,
            }
        }
    }

    /// Rooms begin at 1.
    fn room(&mut self, parameters: &Value) -> Result<u64, Refusal> {
        let room = number(parameters, "room")? + 1;
        if !self.rooms.contains(&room) {
            let body = json!({
                "request": "create", "room": room, "publishers": 200, "bitrate": 0, "fir_freq": 0, "notify_joining": false,
                "audiocodec": "opus", "videocodec": "vp8", "transport_wide_cc_ext": false,
            });
            self.message(self.control, body, None)?;
            self.rooms.push(room);
        }
        Ok(room)
    }

    fn answer(&mut self, what: &str, parameters: &Value) -> Result<Value, Refusal> {
        let person = number(parameters, "person")?;
        match what {
            "publish" => {
                let room = self.room(parameters)?;
                let line = |name: &str| parameters[name].as_str().map(str::to_owned);
                self.lines.insert(person, [line("audio"), line("video")]);
                let handle = self.attach()?;
                let body = json!({"request": "joinandconfigure", "ptype": "publisher", "room": room, "id": person});
                let offer = json!({"type": "offer", "sdp": text(parameters, "sdp")?});
                let told = self.message(handle, body, Some(offer))?;
                Ok(json!({"sdp": text(&told["jsep"], "sdp")?}))
            }
            "watch" => {
                let room = self.room(parameters)?;
                let feeds = |name: &str, kind: usize| -> Vec<Value> {
                    let mid = |feed: &u64| self.lines.get(feed)?[kind].clone();
                    numbers(parameters, name)
                        .iter()
                        .filter_map(|feed| Some(json!({"feed": feed, "mid": mid(feed)?})))
                        .collect()
                };
                let streams: Vec<Value> = feeds("voices", 0).into_iter().chain(feeds("videos", 1)).collect();
                let handle = self.attach()?;
                let body = json!({"request": "join", "ptype": "subscriber", "room": room, "streams": streams});
                let told = self.when_fed(handle, &body)?;
                self.receivers.insert(person, handle);
                Ok(json!({"sdp": text(&told["jsep"], "sdp")?}))
            }
            "answer" => {
                let handle = *self.receivers.get(&person).ok_or("nobody was offered to this person")?;
                let answer = json!({"type": "answer", "sdp": text(parameters, "sdp")?});
                self.message(handle, json!({"request": "start"}), Some(answer))?;
                Ok(json!({}))
            }
            other => Err(format!("`{other}` is not known here").into()),
        }
    }
}
