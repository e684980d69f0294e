//! Puts a shape of load on a host (`examples/host.rs`) and prints what was measured.
//!
//! `load SHAPE COUNT SERVER OWN_IP SERVER_PID SECONDS`
#![allow(clippy::print_stdout, clippy::expect_used, clippy::cast_precision_loss, reason = "a tool for measurements")]

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, TcpStream};
use std::time::{Duration, Instant};

use loadtest::measure::Histogram;
use loadtest::{Driver, Mode, Offering, Participant, ParticipantId, Role, Send, Shape, Video, codecs};
use serde_json::{Value, json};

struct Host {
    reader: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Host {
    fn ask(&mut self, asked: &Value) -> Value {
        writeln!(self.stream, "{asked}").expect("the host listens");
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the host answers");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert!(answer.get("error").is_none(), "{answer}");
        answer
    }
}

struct One {
    id: ParticipantId,
    role: Role,
    sends: Vec<Send>,
}

/// Nanoseconds that a process was on a processor.
fn on_cpu(process: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).expect("the server runs");
    let time = |task: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    tasks.filter_map(time).sum()
}

fn resident(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the server runs");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("SHAPE COUNT SERVER OWN_IP SERVER_PID SECONDS");
    let (name, count) = (next(), next().parse::<usize>().expect("a count"));
    let (server, own) = (next(), next().parse::<IpAddr>().expect("an address"));
    let (process, seconds) = (next().parse::<u32>().expect("a process"), next().parse::<u64>().expect("seconds"));
    let shape = match name.as_str() {
        "webinar" => Shape::webinar(count),
        "ten" => Shape::ten(),
        "fifty" => Shape::fifty(count),
        "pairs" => Shape::pairs(count),
        other => panic!("no shape {other}"),
    };
    let stream = TcpStream::connect(server).expect("the host");
    let mut host = Host { reader: BufReader::new(stream.try_clone().expect("a stream")), stream };
    let mut driver = Driver::new().expect("a driver");
    let before = (on_cpu(process), resident(process));
    let started = Instant::now();
    let mut all = Vec::new();
    let mut number = 0_u32;
    for room in 0..shape.rooms {
        let mut wants: Vec<(u32, Vec<u32>)> = Vec::new();
        let mut videos = Vec::new();
        for (count, role) in shape.room.people {
            for _ in 0..count {
                number += 1;
                let id = driver.add(own, |now, local| Participant::new(now, local, number, Mode::Light, codecs)).expect("a socket");
                let participant = driver.get(id).expect("it was added");
                let slots = if role.receives { (5, shape.room.videos) } else { (0, 0) };
                let video = if role.video { Video::Plain } else { Video::Off };
                let offered = participant.offer(Offering { audio: role.audio, video, slots }).expect("an offer");
                let (audio, video) = (offered.audio.map(|mid| mid.to_string()), offered.video.map(|mid| mid.to_string()));
                let answer = host.ask(&json!({"join": {"room": room.to_string(), "peer": number, "sdp": offered.sdp, "audio": audio, "video": video}}));
                let sends = participant.accept(offered, answer["sdp"].as_str().expect("an answer")).expect("an answer");
                if role.video {
                    videos.push(number);
                }
                if role.receives {
                    wants.push((number, Vec::new()));
                }
                all.push(One { id, role, sends });
                // Handshakes go on while others join.
                driver.run(Instant::now() + Duration::from_millis(2), |_| false).expect("the network");
            }
        }
        for (peer, wants) in &mut wants {
            wants.extend(videos.iter().filter(|video| *video != peer).take(shape.room.videos).map(|video| video * 2 + 1));
            host.ask(&json!({"subscribe": {"peer": peer, "wants": wants}}));
        }
    }
    let late = Instant::now() + Duration::from_secs(60);
    driver.run(late, |driver| driver.participants().all(|one| one.connected().is_some())).expect("the network");
    assert!(driver.participants().all(|one| one.connected().is_some()), "not everybody is connected");
    let joined = (on_cpu(process), resident(process), started.elapsed());
    for (index, one) in all.iter().enumerate() {
        // Not all in the same moment.
        let at = Instant::now() + Duration::from_micros(index as u64 * 37 % 33_000);
        driver.get(one.id).expect("it was added").start(at, &one.sends);
    }
    driver.run(Instant::now() + Duration::from_secs(3), |_| false).expect("the network");
    driver.begin_to_count();
    let (cpu, own_cpu, at) = (on_cpu(process), on_cpu(std::process::id()), Instant::now());
    driver.run(at + Duration::from_secs(seconds), |_| false).expect("the network");
    let (cpu, own_cpu, took) = (on_cpu(process) - cpu, on_cpu(std::process::id()) - own_cpu, at.elapsed());
    let (mut packets, mut expected, mut latency) = (0, 0, Histogram::default());
    for one in driver.participants() {
        let received = one.received();
        packets += received.packets;
        expected += received.expected;
        latency.merge(&received.latency);
    }
    let receivers = all.iter().filter(|one| one.role.receives).count() as u64;
    let micros = |part: f64| latency.quantile(part).map_or(0, |at| at.as_micros());
    println!(
        "{}",
        json!({
            "shape": shape.name, "participants": all.len(), "receivers": receivers,
            "packets_per_second": packets as f64 / took.as_secs_f64(), "offered": shape.packets_out(5),
            "lost": 1.0 - packets as f64 / expected.max(1) as f64,
            "server_us_per_packet": cpu as f64 / 1e3 / packets.max(1) as f64,
            "server_busy": cpu as f64 / took.as_nanos() as f64, "generator_busy": own_cpu as f64 / took.as_nanos() as f64,
            "latency_us": {"p50": micros(0.5), "p99": micros(0.99), "p999": micros(0.999), "samples": latency.len()},
            "join_ms_cpu": (joined.0 - before.0) as f64 / 1e6 / all.len() as f64, "joined_in_s": joined.2.as_secs_f64(),
            "kb_joined": (joined.1.saturating_sub(before.1)) / all.len() as u64, "kb_in_media": (resident(process).saturating_sub(before.1)) / all.len() as u64,
            "unsent": driver.unsent(),
        })
    );
}
