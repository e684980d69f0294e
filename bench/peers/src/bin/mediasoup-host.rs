//! A mediasoup worker behind lines of JSON (dialect `parameters` of the load generator).
//!
//! `mediasoup-host ADDRESS` runs one worker, a router for each room, and one transport for each person, over which they send and receive. Receivers have
//! retransmission and no bandwidth estimation, so that every server in the comparison does the same work.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU32};

use anteroom_bench_peers::{Refusal, number, numbers, serve, text};
use futures_lite::future::block_on;
use mediasoup::prelude::*;
use serde_json::{Value, json};

fn main() -> Result<(), Refusal> {
    let ip: IpAddr = std::env::args().nth(1).ok_or("say ADDRESS")?.parse()?;
    let manager = WorkerManager::new();
    let worker = block_on(manager.create_worker(WorkerSettings::default()))?;
    let mut host = Host {
        ip,
        worker,
        rooms: HashMap::new(),
        people: HashMap::new(),
    };
    serve(
        ip,
        std::process::id(),
        "parameters",
        "mediasoup 0.8.5 (worker of 2021)",
        |what, parameters| host.answer(what, parameters),
    )?;
    Ok(())
}

struct Host {
    ip: IpAddr,
    worker: Worker,
    rooms: HashMap<u64, Router>,
    people: HashMap<u64, Person>,
}

struct Person {
    room: u64,
    transport: WebRtcTransport,
    /// Microphone and camera.
    producers: [Option<Producer>; 2],
    /// Kept, since one that is dropped ends.
    consumers: Vec<Consumer>,
}

fn codecs() -> Vec<RtpCodecCapability> {
    let rate = |hertz| NonZeroU32::new(hertz).unwrap_or(NonZeroU32::MIN);
    vec![
        RtpCodecCapability::Audio {
            mime_type: MimeTypeAudio::Opus,
            preferred_payload_type: None,
            clock_rate: rate(48_000),
            channels: NonZeroU8::new(2).unwrap_or(NonZeroU8::MIN),
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: Vec::new(),
        },
        RtpCodecCapability::Video {
            mime_type: MimeTypeVideo::Vp8,
            preferred_payload_type: None,
            clock_rate: rate(90_000),
            parameters: RtpCodecParametersParameters::default(),
            rtcp_feedback: vec![RtcpFeedback::Nack, RtcpFeedback::NackPli, RtcpFeedback::CcmFir],
        },
    ]
}

/// What a receiver says it can do: everything the router can, without the two ways of bandwidth estimation.
fn receiver(router: &Router) -> Result<RtpCapabilities, Refusal> {
    let mut all = serde_json::to_value(router.rtp_capabilities())?;
    let estimates = |value: &Value| ["transport-cc", "goog-remb"].contains(&value["type"].as_str().unwrap_or_default());
    for codec in all["codecs"].as_array_mut().into_iter().flatten() {
        if let Some(feedback) = codec["rtcpFeedback"].as_array_mut() {
            feedback.retain(|one| !estimates(one));
        }
    }
    if let Some(extensions) = all["headerExtensions"].as_array_mut() {
        let of_estimation = |uri: &str| uri.contains("transport-wide-cc") || uri.contains("abs-send-time");
        extensions.retain(|one| !of_estimation(one["uri"].as_str().unwrap_or_default()));
    }
    Ok(serde_json::from_value(all)?)
}

impl Host {
    fn answer(&mut self, what: &str, parameters: &Value) -> Result<Value, Refusal> {
        match what {
            "connect" => self.connect(parameters),
            "publish" => self.publish(parameters),
            "watch" => self.watch(parameters),
            other => Err(format!("`{other}` is not known here").into()),
        }
    }

    fn router(&mut self, room: u64) -> Result<Router, Refusal> {
        if let Some(router) = self.rooms.get(&room) {
            return Ok(router.clone());
        }
        let router = block_on(self.worker.create_router(RouterOptions::new(codecs())))?;
        self.rooms.insert(room, router.clone());
        Ok(router)
    }

    fn connect(&mut self, parameters: &Value) -> Result<Value, Refusal> {
        let (person, room) = (number(parameters, "person")?, number(parameters, "room")?);
        let router = self.router(room)?;
        let listen = TransportListenIps::new(TransportListenIp {
            ip: self.ip,
            announced_ip: None,
        });
        let transport = block_on(router.create_webrtc_transport(WebRtcTransportOptions::new(listen)))?;
        let (algorithm, value) = text(parameters, "fingerprint")?
            .split_once(' ')
            .ok_or("a fingerprint has a hash and bytes")?;
        // The person begins DTLS.
        let remote = json!({"role": "client", "fingerprints": [{"algorithm": algorithm, "value": value}]});
        let dtls_parameters = serde_json::from_value(remote)?;
        block_on(transport.connect(WebRtcTransportRemoteParameters { dtls_parameters }))?;
        let own = serde_json::to_value(transport.dtls_parameters())?;
        let is_256 = |print: &&Value| print["algorithm"] == "sha-256";
        let print = own["fingerprints"]
            .as_array()
            .into_iter()
            .flatten()
            .find(is_256)
            .ok_or("the worker has no sha-256 fingerprint")?;
        let ice = transport.ice_parameters();
        let candidate = transport.ice_candidates().first().ok_or("the worker has no candidate")?;
        let answer = json!({
            "ufrag": ice.username_fragment, "pwd": ice.password,
            "fingerprint": format!("sha-256 {}", text(print, "value")?),
            "address": format!("{}:{}", candidate.ip, candidate.port),
        });
        self.people.insert(
            person,
            Person {
                room,
                transport,
                producers: [None, None],
                consumers: Vec::new(),
            },
        );
        Ok(answer)
    }

    fn publish(&mut self, parameters: &Value) -> Result<Value, Refusal> {
        let video = parameters["kind"] == "video";
        let (ssrc, payload_type) = (number(parameters, "ssrc")?, number(parameters, "payload_type")?);
        let mut codec = json!({
            "mimeType": if video { "video/VP8" } else { "audio/opus" }, "payloadType": payload_type,
            "clockRate": number(parameters, "clock_rate")?, "parameters": {}, "rtcpFeedback": [],
        });
        let mut codecs = Vec::new();
        let mut encoding = json!({"ssrc": ssrc});
        if video {
            codec["rtcpFeedback"] = json!([{"type": "nack", "parameter": ""}, {"type": "nack", "parameter": "pli"}]);
            codecs.push(json!({
                "mimeType": "video/rtx", "payloadType": payload_type + 1, "clockRate": 90_000, "parameters": {"apt": payload_type}, "rtcpFeedback": [],
            }));
            encoding["rtx"] = json!({"ssrc": number(parameters, "rtx")?});
        } else {
            codec["channels"] = 2.into();
        }
        codecs.insert(0, codec);
        let described = json!({"codecs": codecs, "headerExtensions": [], "encodings": [encoding], "rtcp": {"reducedSize": true}});
        let kind = if video { MediaKind::Video } else { MediaKind::Audio };
        let options = ProducerOptions::new(kind, serde_json::from_value::<RtpParameters>(described)?);
        let person = self
            .people
            .get_mut(&number(parameters, "person")?)
            .ok_or("this person is not connected")?;
        person.producers[usize::from(video)] = Some(block_on(person.transport.produce(options))?);
        Ok(json!({}))
    }

    fn watch(&mut self, parameters: &Value) -> Result<Value, Refusal> {
        let number = number(parameters, "person")?;
        let producer = |other: u64, kind: usize| self.people.get(&other)?.producers[kind].as_ref().map(Producer::id);
        let voices = numbers(parameters, "voices").into_iter().filter_map(|other| producer(other, 0));
        let wanted: Vec<ProducerId> = voices
            .chain(numbers(parameters, "videos").into_iter().filter_map(|other| producer(other, 1)))
            .collect();
        let person = self.people.get_mut(&number).ok_or("this person is not connected")?;
        let router = self.rooms.get(&person.room).ok_or("this person has no room")?;
        let capabilities = receiver(router)?;
        for producer in wanted {
            let consumer = block_on(person.transport.consume(ConsumerOptions::new(producer, capabilities.clone())))?;
            person.consumers.push(consumer);
        }
        Ok(json!({}))
    }
}
