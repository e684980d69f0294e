//! What the hosts of other media servers share: lines of JSON over TCP, as the load generator speaks them (`loadtest::server`).

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, TcpListener};

use serde_json::{Map, Value, json};

/// Why a request was not carried out, in words for the person at the terminal.
pub type Refusal = Box<dyn std::error::Error>;

/// Listens on this address, prints the greeting, and answers the requests of one generator after the other.
///
/// # Errors
/// When the address cannot be used.
pub fn serve(
    ip: IpAddr,
    process: u32,
    dialect: &str,
    name: &str,
    mut answer: impl FnMut(&str, &Value) -> Result<Value, Refusal>,
) -> std::io::Result<()> {
    let listener = TcpListener::bind((ip, 0))?;
    println!(
        "{}",
        json!({"listen": listener.local_addr()?, "process": process, "dialect": dialect, "name": name})
    );
    for stream in listener.incoming() {
        let stream = stream?;
        stream.set_nodelay(true)?;
        let mut out = &stream;
        for line in BufReader::new(&stream).lines().map_while(Result::ok) {
            let Ok(Value::Object(mut asked)) = serde_json::from_str::<Value>(&line) else {
                break;
            };
            let id = asked.remove("id").unwrap_or_default();
            let (what, parameters) = asked.into_iter().next().unwrap_or_default();
            let mut answered = match answer(&what, &parameters) {
                Ok(Value::Object(members)) => members,
                Ok(_) => Map::new(),
                Err(why) => Map::from_iter([("error".to_owned(), why.to_string().into())]),
            };
            answered.insert("id".to_owned(), id);
            if out.write_all(format!("{}\n", Value::Object(answered)).as_bytes()).is_err() {
                break;
            }
        }
    }
    Ok(())
}

/// A number in a request.
///
/// # Errors
/// When there is none.
pub fn number(parameters: &Value, name: &str) -> Result<u64, Refusal> {
    parameters[name].as_u64().ok_or_else(|| format!("`{name}` is missing").into())
}

/// A text in a request.
///
/// # Errors
/// When there is none.
pub fn text<'a>(parameters: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    parameters[name].as_str().ok_or_else(|| format!("`{name}` is missing").into())
}

/// A list of numbers in a request; empty when there is none.
pub fn numbers(parameters: &Value, name: &str) -> Vec<u64> {
    parameters[name]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect()
}
