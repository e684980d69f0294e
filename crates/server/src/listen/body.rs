//! The deadline of a request's body.
//!
//! It runs from the head on and covers the whole body: a client that sends a byte now and then does not put it off.

use std::{
    future::Future as _,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use crate::api::error::ApiError;

/// The request with a body that fails at its deadline, and the word whether that happened.
pub(crate) fn timed(request: Request<Incoming>, limit: Duration) -> (Request<Body>, Late) {
    let late = Late::default();
    let request = request.map(|body| {
        if body.is_end_stream() {
            return Body::empty();
        }
        Body::new(Timed {
            body,
            deadline: Box::pin(tokio::time::sleep(limit)),
            late: late.clone(),
        })
    });
    (request, late)
}

/// Whether the body was late.
#[derive(Clone, Default)]
pub(crate) struct Late(Arc<AtomicBool>);

impl Late {
    /// The honest answer to a request whose body did not come in time; the handler can only say that it could not read it.
    pub(crate) fn answer_instead(&self) -> Option<Response> {
        if !self.0.load(Ordering::Relaxed) {
            return None;
        }
        let mut response = ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "requestTimeout",
            "The body of the request did not arrive in time.",
        )
        .into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        Some(response)
    }
}

struct Timed {
    body: Incoming,
    deadline: Pin<Box<Sleep>>,
    late: Late,
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.deadline.as_mut().poll(cx));
        self.late.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err("the body did not arrive in time".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
