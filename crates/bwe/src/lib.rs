//! Congestion control of what the media engine sends to one receiver.
