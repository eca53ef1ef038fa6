import Bridge
import NIOConcurrencyHelpers

/// Something that goes wrong with calls of one method.
package struct APIFault: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// `{"ok": false, "error": code}` without effect.
        case error(String)
        /// An HTTP status without effect; 429 with `Retry-After`.
        case status(Int, retryAfter: Int? = nil)
        /// No answer and no effect until this time has passed, then a lost connection.
        case hang(Duration)
        /// The call is carried out, and the connection drops before its answer.
        case lostReply
        /// The call is carried out, and its answer says nothing but `ok`.
        case bareReply
        /// The call is carried out late.
        case delay(Duration)
        /// HTTP 200 with a body that is not JSON, without effect.
        case garbage
    }

    /// A method's name, `*` for all, or `response_url`.
    package var method: String
    package var kind: Kind
    /// How many calls it hits.
    package var times: Int

    package init(_ method: String, _ kind: Kind, times: Int = 1) {
        self.method = method
        self.kind = kind
        self.times = times
    }

    /// What waits, for those who look: method, kind and times.
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
            }
        return ["method": .string(method), "kind": .string(words), "times": .int(Int64(times))]
    }

    /// As `/_control/faults` takes it: `{method, kind, error?, status?, retry_after?, seconds?, times?}`; nil when it
    /// names no kind that there is.
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
        default: return nil
        }
        self.method = method
        times = max(1, json["times"]?.int ?? 1)
    }
}
