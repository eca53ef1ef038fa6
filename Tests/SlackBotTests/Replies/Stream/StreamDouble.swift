import Bridge
import TestKit
import Testing

@testable import SlackBot

/// Slack's streams, with a network that loses calls and responses: what each message shows, and whether a call was
/// allowed.
struct StreamDouble {
    struct Message {
        var text = ""
        var cards: [String: TaskCard.Status] = [:]
        var isOpen = true
        let start: AnswerStream.Instant
        /// The largest text of one call in UTF-16 units.
        var longest = 0
    }

    private(set) var messages: [String: Message] = [:]
    private(set) var calls: [AnswerStream.Instant] = []
    private(set) var problems: [String] = []

    /// Performs a call.
    ///
    /// - Parameters:
    ///   - response: what the caller is told; a call without effect changes nothing.
    ///   - hasEffect: whether a call that the caller is unsure of had an effect.
    mutating func perform(
        _ action: AnswerStream.Action, at now: AnswerStream.Instant, _ response: AnswerStream.Response,
        hasEffect: Bool = false
    ) -> AnswerStream.Response {
        if let last = calls.last, now < last + AnswerStream.pace { problems.append("two calls within a second") }
        calls.append(now)
        let isDone = response == .sent() || response == .unsure && hasEffect
        switch action {
        case .start(let chunks):
            let ts = "\(messages.count + 1).0"
            if isDone { messages[ts] = Message(start: now) }
            if isDone { add(chunks, to: ts) }
            return response == .sent() ? .sent(ts: ts) : response
        case .append(let ts, let chunks), .stop(let ts, let chunks):
            guard let message = messages[ts] else { return .gone }
            if now >= message.start + .seconds(290) { problems.append("a call after the end of the stream") }
            guard message.isOpen else {
                problems.append("a call of a stream that has ended")
                return .over
            }
            if isDone { add(chunks, to: ts) }
            if case .stop = action, isDone { messages[ts]?.isOpen = false }
            if [.over, .stopped].contains(response) { messages[ts]?.isOpen = false }
            if response == .gone { messages[ts] = nil }
            return response
        case .wait, .done: return response
        }
    }

    private mutating func add(_ chunks: [StreamChunk], to ts: String) {
        var units = 0
        for chunk in chunks {
            switch chunk {
            case .markdown(let text):
                messages[ts]?.text += text
                units += text.utf16.count
            case .task(let card): messages[ts]?.cards[card.id] = card.status
            }
        }
        let longest = messages[ts]?.longest ?? 0
        messages[ts]?.longest = max(longest, units)
    }

    /// Performs the end of an answer.
    mutating func finish(_ ending: StreamEnding) {
        guard let stop = ending.stop else { return }
        add(stop.chunks, to: stop.ts)
        messages[stop.ts]?.isOpen = false
    }
}

/// A stream, its clock and Slack, for tests that say each step.
struct StreamRun {
    var stream: AnswerStream
    var slack = StreamDouble()
    private(set) var now = ContinuousClock.now

    init(
        privateServers: Set<String> = [], acknowledgement: String? = nil, late: String = UserMessages.late,
        mostText: Int = MarkdownParts.limit
    ) {
        stream = AnswerStream(
            question: "Q", privateServers: privateServers, acknowledgement: acknowledgement, late: late,
            mostText: mostText)
    }

    /// Lets time pass, and then performs at most one call with this response. Returns the call.
    @discardableResult
    mutating func step(
        _ response: AnswerStream.Response = .sent(), after pause: Duration = .seconds(1)
    ) -> AnswerStream.Action {
        now += pause
        let action = stream.next(at: now)
        switch action {
        case .start, .append, .stop: stream.handle(slack.perform(action, at: now, response), at: now)
        case .wait, .done: break
        }
        return action
    }

    mutating func finish(_ answer: String?) -> StreamEnding {
        let ending = stream.finish(answer)
        slack.finish(ending)
        return ending
    }

    /// The text of each message, oldest first.
    var texts: [String] { stream.messages.map { slack.messages[$0.ts]?.text ?? "" } }

    static func call(_ id: String, _ outcome: ToolActivity.Outcome, server: String = "ops") -> ToolActivity {
        var call = ToolActivity(
            id: id, name: ToolName(server: server, tool: "look_\(id)"), arguments: [:],
            verdict: Verdict(.allow, step: nil, rule: .builtIn("test"), reason: ""))
        (call.outcome, call.milliseconds) = (outcome, 1_200)
        return call
    }
}
