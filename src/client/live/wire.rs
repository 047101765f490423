//! The numbers that stand for names between a link and TypeScript, whose copy of them is generated from here
//! (`pkg-template/src/border/liveWire.ts`).

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::live::{LinkFault, LinkStatus, Since, Steps};

/// What `LiveLink.act` is told; `detail` and `extra` are 0 unless they are named.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum LinkAct {
    /// Connect.
    Start = 0,
    /// Stop.
    Stop = 1,
    /// The server answered with a stream, or not: `detail` is the status, `extra` the milliseconds after which it
    /// wants to be asked again, or NaN.
    Answered = 2,
    /// The server answered 200, and no stream.
    NoStream = 3,
    /// Something was heard.
    Heard = 4,
    /// The server greeted: `detail` is the heart-beat's milliseconds, `extra` a `LinkPlace`.
    Greeted = 5,
    /// Patterns came.
    Invalidated = 6,
    /// The server cannot say what was missed.
    Reset = 7,
    /// The server's own first wait: `detail` is its milliseconds.
    RetryAfter = 8,
    /// The connection, or the attempt at one, ended: `detail` is the `LinkFaultCode`.
    Ended = 9,
    /// The network or the focus came or went.
    Surroundings = 10,
    /// The timer fired.
    Wake = 11,
    /// The server has come further in its log, past what is not for us.
    MovedOn = 12,
    /// The page is frozen, or left and kept for the way back.
    Suspend = 13,
    /// It goes on.
    Resume = 14,
    /// The lock is asked for, and the other tabs are heard.
    Entered = 15,
    /// The lock is ours.
    Elected = 16,
    /// It is not ours any more.
    Deposed = 17,
    /// There are no locks.
    LeftAlone = 18,
    /// Another tab asks what it has missed.
    Asked = 19,
    /// The leader answers: `detail` is the heart-beat's milliseconds, `extra` the number of its last frame.
    Welcomed = 20,
    /// A tab that leads is not connected: `detail` is the `LinkFaultCode`, `extra` 1 if it is the one that is followed.
    LeaderTries = 21,
    /// A tab has connected (`detail` is 1), or passes something on and is not the one that is followed.
    LeaderChanged = 22,
    /// The leader lives: `detail` is the number of its last frame.
    LeaderLives = 23,
    /// The leader passes on a frame: `detail` is its number.
    Relayed = 24,
}

/// The steps that follow, in this order; a bit each. The answer's higher bits are the `LinkStatusCode` (from bit 24 on) and
/// the `LinkFaultCode` (from bit 28 on).
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "as in `Steps`")]
pub enum LinkSteps {
    Disconnect = 1,
    Uncover = 2,
    Cover = 4,
    Adopt = 8,
    Announce = 16,
    Leave = 32,
    Enter = 64,
    Ask = 128,
    Seize = 256,
    Welcome = 512,
    Connect = 1024,
    Renew = 2048,
    Take = 4096,
    Reset = 8192,
    Apply = 16384,
    Report = 32768,
    Status = 65536,
}

/// How a link stands.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "as in `LinkStatus`")]
pub enum LinkStatusCode {
    Stopped = 0,
    Connecting = 1,
    Open = 2,
    Waiting = 3,
}

/// What went wrong last.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "as in `LinkFault`")]
pub enum LinkFaultCode {
    None = 0,
    Network = 1,
    Silence = 2,
    Refused = 3,
    NoStream = 4,
    Unauthorized = 5,
    Forbidden = 6,
}

/// From where on a stream tells of changes.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "as in `Since`")]
pub enum LinkPlace {
    Now = 0,
    LookBack = 1,
    LastId = 2,
}

// wasm-bindgen wants literals.
const _: () = assert!(
    LinkSteps::Disconnect as u32 == Steps::DISCONNECT.bits()
        && LinkSteps::Uncover as u32 == Steps::UNCOVER.bits()
        && LinkSteps::Cover as u32 == Steps::COVER.bits()
        && LinkSteps::Adopt as u32 == Steps::ADOPT.bits()
        && LinkSteps::Announce as u32 == Steps::ANNOUNCE.bits()
        && LinkSteps::Leave as u32 == Steps::LEAVE.bits()
        && LinkSteps::Enter as u32 == Steps::ENTER.bits()
        && LinkSteps::Ask as u32 == Steps::ASK.bits()
        && LinkSteps::Seize as u32 == Steps::SEIZE.bits()
        && LinkSteps::Welcome as u32 == Steps::WELCOME.bits()
        && LinkSteps::Connect as u32 == Steps::CONNECT.bits()
        && LinkSteps::Renew as u32 == Steps::RENEW.bits()
        && LinkSteps::Take as u32 == Steps::TAKE.bits()
        && LinkSteps::Reset as u32 == Steps::RESET.bits()
        && LinkSteps::Apply as u32 == Steps::APPLY.bits()
        && LinkSteps::Report as u32 == Steps::REPORT.bits()
        && LinkSteps::Status as u32 == Steps::STATUS.bits()
);

pub(super) fn since(place: f64) -> Since {
    if place == f64::from(LinkPlace::LastId as u32) {
        Since::LastId
    } else if place == f64::from(LinkPlace::LookBack as u32) {
        Since::LookBack
    } else {
        Since::Now
    }
}

pub(super) fn fault(code: f64) -> LinkFault {
    const FAULTS: [LinkFault; 6] = [
        LinkFault::None,
        LinkFault::Network,
        LinkFault::Silence,
        LinkFault::Refused,
        LinkFault::NoStream,
        LinkFault::Unauthorized,
    ];
    FAULTS.get(code as usize).copied().unwrap_or(LinkFault::Forbidden)
}

pub(super) fn status_code(status: LinkStatus) -> LinkStatusCode {
    match status {
        LinkStatus::Stopped => LinkStatusCode::Stopped,
        LinkStatus::Connecting => LinkStatusCode::Connecting,
        LinkStatus::Open => LinkStatusCode::Open,
        LinkStatus::Waiting => LinkStatusCode::Waiting,
    }
}

pub(super) fn fault_code(fault: LinkFault) -> LinkFaultCode {
    match fault {
        LinkFault::None => LinkFaultCode::None,
        LinkFault::Network => LinkFaultCode::Network,
        LinkFault::Silence => LinkFaultCode::Silence,
        LinkFault::Refused => LinkFaultCode::Refused,
        LinkFault::NoStream => LinkFaultCode::NoStream,
        LinkFault::Unauthorized => LinkFaultCode::Unauthorized,
        LinkFault::Forbidden => LinkFaultCode::Forbidden,
    }
}
