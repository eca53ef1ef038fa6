import Bridge
import NIOConcurrencyHelpers

/// A fault that is injected into calls of one Web API method.
package struct APIFault: Sendable, Hashable {
    /// What happens to the call.
    package enum Kind: Sendable, Hashable {
        /// `{"ok": false, "error": code}`; the call is not carried out.
        case error(String)
        /// An HTTP status; the call is not carried out. 429 always has `Retry-After`, 1 s by default.
        case status(Int, retryAfter: Int? = nil)
        /// No response for this time, then the connection is dropped; the call is not carried out.
        case hang(Duration)
        /// The call is carried out; the connection is dropped before the response.
        case lostReply
        /// The call is carried out; a successful response is only `{"ok": true}`.
        case bareReply
        /// The call is carried out after this time.
        case delay(Duration)
        /// HTTP 200 with a body that is not JSON; the call is not carried out.
        case garbage
        /// The stream that the call names ends, as after five minutes; then the call is carried out.
        case endStream
    }

    /// A method's name, `*` for all of them, `response_url`, or `upload_url` and `url_private` for the content
    /// of a file that is uploaded or read.
    package var method: String
    /// What happens to the call.
    package var kind: Kind
    /// The number of calls that the fault applies to.
    package var times: Int

    package init(_ method: String, _ kind: Kind, times: Int = 1) {
        self.method = method
        self.kind = kind
        self.times = times
    }

    /// Method, kind and remaining times, for `/_control/state`.
    var json: JSONValue {
        let words =
            switch kind {
            case .error(let code): code
            case .status(let status, _): "HTTP \(status)"
            case .hang: "hang"
            case .lostReply: "lost reply"
            case .bareReply: "bare reply"
            case .delay: "delay"
            case .garbage: "garbage"
            case .endStream: "end stream"
            }
        return ["method": .string(method), "kind": .string(words), "times": .int(Int64(times))]
    }

    /// Decodes the body of `POST /_control/faults`: `{method, kind, error?, status?, retry_after?, seconds?, times?}`;
    /// nil without a method or for an unknown kind.
    init?(_ json: JSONValue) {
        guard let method = json["method"]?.string else { return nil }
        let seconds = Duration.seconds(json["seconds"]?.double ?? 60)
        switch json["kind"]?.string {
        case "error": kind = .error(json["error"]?.string ?? "internal_error")
        case "status": kind = .status(json["status"]?.int ?? 500, retryAfter: json["retry_after"]?.int)
        case "hang": kind = .hang(seconds)
        case "lost_reply": kind = .lostReply
        case "bare_reply": kind = .bareReply
        case "delay": kind = .delay(seconds)
        case "garbage": kind = .garbage
        case "end_stream": kind = .endStream
        default: return nil
        }
        self.method = method
        times = max(1, json["times"]?.int ?? 1)
    }
}
