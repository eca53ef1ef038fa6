import Bridge
import Foundation

@testable import Analytics

/// A generated question with what the tests' own model of the figures needs to know of it.
struct FigureTestsQuestion: Sendable {
    let finished: FinishedQuestion
    /// The id of its audit row.
    let auditID: Int64
    /// When it ended, in milliseconds since 1970.
    let ended: Int
    /// The local day of its end, see ``FigureTestsZone``.
    let day: Int
    var cost: Int
    var isPriced: Bool
    /// Votes of different users on its answer, 1 or -1.
    var votes: [Int] = []

    init(_ finished: FinishedQuestion, auditID: Int64, in zone: FigureTestsZone) {
        self.finished = finished
        self.auditID = auditID
        ended = Int((finished.finishedAt.timeIntervalSince1970 * 1000).rounded())
        day = zone.day(ended)
        cost = Int(finished.outcome.usage.cost.nano)
        isPriced = finished.outcome.usage.priceKnown
    }

    var usage: Usage { finished.outcome.usage }
    var user: String { finished.question.asker.email }
    var role: String { finished.question.asker.role }
    var channel: String { finished.origin.channel ?? "" }
    var model: String { usage.model ?? "" }
    var milliseconds: Int { usage.milliseconds }
    var prompt: Int { usage.tokens.input + usage.tokens.cacheRead + written }
    var written: Int { usage.tokens.cacheWrite5m + usage.tokens.cacheWrite1h }
    var time: String { Timestamp.text(Date(timeIntervalSince1970: Double(ended) / 1000)) }

    var sent: [ToolActivity] { usage.calls.filter { $0.outcome != .denied } }
    var denied: [ToolActivity] { usage.calls.filter { $0.outcome == .denied } }
    var failed: [ToolActivity] { usage.calls.filter { $0.outcome == .failed || $0.outcome == .unknown } }

    /// The cost of each of ``sent``.
    var parts: [Int] {
        let count = sent.count
        return (0..<count).map { cost / count + ($0 == 0 ? cost % count : 0) }
    }

    var status: String {
        switch finished.outcome {
        case .answered(let answer): answer.warning == nil ? "success" : "warning"
        case .cancelled: "warning"
        case .refused, .failed, .interrupted: "error"
        }
    }

    var warning: String? {
        switch finished.outcome {
        case .answered(let answer): answer.warning?.rawValue
        case .cancelled: "cancelled"
        case .refused, .failed, .interrupted: nil
        }
    }

    var isBlocked: Bool { if case .refused = finished.outcome { true } else { false } }

    var errorID: String? {
        switch finished.outcome {
        case .failed(let failure), .interrupted(let failure): failure.errorID
        case .answered, .refused, .cancelled: nil
        }
    }

    var errorCode: String? {
        switch finished.outcome {
        case .failed(let failure), .interrupted(let failure): failure.error.code.rawValue
        case .refused: "refused"
        case .cancelled: "cancelled"
        case .answered: nil
        }
    }

    var errorMessage: String? {
        switch finished.outcome {
        case .refused(let refusal): refusal.message
        case .failed(let failure), .interrupted(let failure):
            failure.error.hint.isEmpty ? failure.error.message : "\(failure.error.message) \(failure.error.hint)"
        case .answered, .cancelled: nil
        }
    }

    var preview: String {
        let text = finished.question.text
        return Self.stored(text.count > 200 ? String(text.prefix(197)) + "..." : text)
    }

    /// As `error_rollups` has it.
    var failure: String? { status == "error" ? Self.short("\(errorCode ?? ""): \(errorMessage ?? "")") : nil }

    static func short(_ text: String) -> String {
        stored(String(String.UnicodeScalarView(text.unicodeScalars.prefix(200))))
    }

    static func stored(_ text: String) -> String { text.replacing("\u{0}", with: "\u{FFFD}") }

    /// The names without repetitions, in their order.
    static func distinct(_ names: [String]) -> [String] {
        names.reduce(into: []) { known, name in if !known.contains(name) { known.append(name) } }
    }
}
