//! Which operation of the chat API a request names. Split and decoded as in `crate::operation`.

use http::Method;
use percent_encoding::percent_decode_str;

use super::refusal::ChatRefusal;

/// One operation; thread ids and message ids as the path has them, decoded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    CreateThread,
    ListThreads,
    GetThread(String),
    UpdateThread(String),
    DeleteThread(String),
    SendMessage(String),
    ListMessages(String),
    GetMessage(String, String),
    UpdateMessage(String, String),
    DeleteMessage(String, String),
    ListParticipants(String),
    AddParticipants(String),
    RemoveParticipant(String),
    SendTyping(String),
    SendReceipt(String),
    ListReceipts(String),
}

impl Operation {
    /// Finds the operation of a verb and a raw path.
    pub(super) fn of(method: &Method, raw_path: &str) -> Result<Self, ChatRefusal> {
        let decoded: Vec<String> = raw_path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned))
            .collect::<Option<_>>()
            .ok_or(ChatRefusal::NoSuchPath)?;
        let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
        let below = match segments.as_slice() {
            [chat, threads, below @ ..] if is(chat, "chat") && is(threads, "threads") => below,
            _ => return Err(ChatRefusal::NoSuchPath),
        };
        let wrong = |allow| Err(ChatRefusal::MethodNotAllowed { allow });
        match below {
            [] => match *method {
                Method::POST => Ok(Self::CreateThread),
                Method::GET => Ok(Self::ListThreads),
                _ => wrong("GET, POST"),
            },
            [thread] => match *method {
                Method::GET => Ok(Self::GetThread((*thread).to_owned())),
                Method::PATCH => Ok(Self::UpdateThread((*thread).to_owned())),
                Method::DELETE => Ok(Self::DeleteThread((*thread).to_owned())),
                _ => wrong("GET, PATCH, DELETE"),
            },
            [thread, part] => Self::of_part(method, (*thread).to_owned(), part),
            [thread, part, message] if is(part, "messages") => {
                let (thread, message) = ((*thread).to_owned(), (*message).to_owned());
                match *method {
                    Method::GET => Ok(Self::GetMessage(thread, message)),
                    Method::PATCH => Ok(Self::UpdateMessage(thread, message)),
                    Method::DELETE => Ok(Self::DeleteMessage(thread, message)),
                    _ => wrong("GET, PATCH, DELETE"),
                }
            }
            [thread, part, verb] if is(part, "participants") => {
                let thread = (*thread).to_owned();
                let operation = if is(verb, ":add") {
                    Self::AddParticipants(thread)
                } else if is(verb, ":remove") {
                    Self::RemoveParticipant(thread)
                } else {
                    return Err(ChatRefusal::NoSuchPath);
                };
                if *method == Method::POST { Ok(operation) } else { wrong("POST") }
            }
            _ => Err(ChatRefusal::NoSuchPath),
        }
    }

    fn of_part(method: &Method, thread: String, part: &str) -> Result<Self, ChatRefusal> {
        let allow = if is(part, "messages") {
            match *method {
                Method::GET => return Ok(Self::ListMessages(thread)),
                Method::POST => return Ok(Self::SendMessage(thread)),
                _ => "GET, POST",
            }
        } else if is(part, "participants") {
            match *method {
                Method::GET => return Ok(Self::ListParticipants(thread)),
                _ => "GET",
            }
        } else if is(part, "typing") {
            match *method {
                Method::POST => return Ok(Self::SendTyping(thread)),
                _ => "POST",
            }
        } else if is(part, "readReceipts") {
            match *method {
                Method::GET => return Ok(Self::ListReceipts(thread)),
                Method::POST => return Ok(Self::SendReceipt(thread)),
                _ => "GET, POST",
            }
        } else {
            return Err(ChatRefusal::NoSuchPath);
        };
        Err(ChatRefusal::MethodNotAllowed { allow })
    }
}

fn is(segment: &str, name: &str) -> bool {
    segment.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str = "19:a@thread.v2";

    fn of(method: Method, path: &str) -> Result<Operation, &'static str> {
        Operation::of(&method, path).map_err(|refusal| match refusal {
            ChatRefusal::MethodNotAllowed { allow } => allow,
            _ => "no such path",
        })
    }

    #[test]
    fn ids_are_found_in_every_encoding_and_with_doubled_slashes() {
        for path in [
            "/chat/threads/19%3Aa%40thread.v2/messages/7",
            "//chat//threads/19:a@thread.v2/messages/7/",
            "/Chat/Threads/19%3aa@thread.v2/Messages/%37",
        ] {
            assert_eq!(
                of(Method::GET, path),
                Ok(Operation::GetMessage(T.to_owned(), "7".to_owned())),
                "{path}"
            );
        }
        assert_eq!(
            of(Method::POST, "/chat/threads/19%3Aa%40thread.v2/participants/%3Aremove"),
            Ok(Operation::RemoveParticipant(T.to_owned()))
        );
    }

    #[test]
    fn a_known_path_with_another_verb_says_which_it_takes() {
        for (method, path, allow) in [
            (Method::PUT, "/chat/threads", "GET, POST"),
            (Method::POST, "/chat/threads/x", "GET, PATCH, DELETE"),
            (Method::GET, "/chat/threads/x/typing", "POST"),
            (Method::POST, "/chat/threads/x/participants", "GET"),
            (Method::DELETE, "/chat/threads/x/readReceipts", "GET, POST"),
            (Method::GET, "/chat/threads/x/participants/:add", "POST"),
        ] {
            assert_eq!(of(method, path), Err(allow), "{path}");
        }
    }

    #[test]
    fn every_other_path_is_not_found() {
        for path in [
            "/chat",
            "/chat/threads/x/other",
            "/chat/threads/x/participants/:other",
            "/chat/threads/x/images/1",
            "/chat/threads/%ff",
        ] {
            assert_eq!(of(Method::GET, path), Err("no such path"), "{path}");
        }
    }
}
