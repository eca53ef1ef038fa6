import Bridge
import TestKit
import Testing

@testable import SlackBot

/// Properties of a streamed answer whatever fails when.
@Suite("Any answer as a stream", .timeLimit(.minutes(5)))
struct AnswerStreamRandomTests {
    private struct Run {
        var random: SplitMix64
        var stream = AnswerStream(question: "Q")
        var slack = StreamDouble()
        var now = ContinuousClock.now

        mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &random) == 0 }

        /// Performs some calls.
        mutating func advance(_ calls: Int) {
            for _ in 0..<calls {
                now += .milliseconds(Int64.random(in: 100...2_500, using: &random))
                var action = stream.next(at: now)
                if chance(5), case .wait(let until?) = action {
                    now = until
                    action = stream.next(at: now)
                }
                switch action {
                case .wait, .done: continue
                case .start, .append, .stop: break
                }
                let failures: [AnswerStream.Response] = [.over, .gone, .busy(.seconds(3)), .refused, .unsure, .stopped]
                let response = chance(8) ? failures[Int.random(in: 0..<failures.count, using: &random)] : .sent()
                let told = slack.perform(action, at: now, response, hasEffect: chance(2))
                stream.handle(told, at: now)
            }
        }

        /// The model writes a text in pieces of any size; Slack is called in between.
        mutating func write(_ text: String) {
            var rest = text.unicodeScalars[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...120, using: &random))
                stream.handle(.text(String(String.UnicodeScalarView(piece))))
                rest = rest.dropFirst(piece.count)
                if chance(2) { advance(2) }
            }
        }

        mutating func callTool(_ id: String) {
            stream.handle(.toolStarted(StreamRun.call(id, .running)))
            advance(2)
            stream.handle(.toolFinished(StreamRun.call(id, .succeeded)))
        }
    }

    private static func markdown(_ seed: UInt64, lines: ClosedRange<Int>, tables: Bool) -> String {
        var samples = MarkdownSamples(seed: seed)
        let text = samples.markdown(lines: lines).replacing("\u{200B}", with: "")
        return tables ? text : text.replacing("|", with: "/")
    }

    @Test("each character is shown once, is in a message that is to be edited, or is left")
    func characters() {
        for seed in 0..<1_500 as Range<UInt64> {
            var run = Run(random: SplitMix64(seed: seed))
            if run.chance(3) {
                let narration = Self.markdown(seed + 90_000, lines: 1...8, tables: false)
                run.write(narration)
                run.stream.handle(run.chance(2) ? .narration(narration) : .textWithdrawn)
                run.callTool("a")
            }
            let answer = Self.markdown(seed, lines: 1...60, tables: false)
            run.write(answer)
            let ending = run.stream.finish(answer)
            run.slack.finish(ending)
            let raw = ending.messages.map(\.raw).joined() + ending.rest
            #expect(Array(raw.utf8) == Array(answer.utf8), "seed \(seed)")
            #expect(run.slack.problems.isEmpty, "seed \(seed): \(run.slack.problems)")
            for message in ending.messages where message.isExact {
                let shown = (run.slack.messages[message.ts]?.text ?? "").replacing("\u{200B}", with: "")
                let isShown = [message.closing, ""].contains { end in
                    Array(shown.utf8) == Array(((message.raw.isEmpty ? "" : message.opening + message.raw) + end).utf8)
                }
                #expect(isShown, "seed \(seed): \(shown.debugDescription) for \(message)")
            }
        }
    }

    @Test("no message is too long, none can notify a user, and no card of a message that ended is running")
    func messages() {
        for seed in 5_000..<5_600 as Range<UInt64> {
            let mostText = seed.isMultiple(of: 2) ? 500 : MarkdownParts.limit
            let stream = AnswerStream(question: "Q", mostText: mostText)
            var run = Run(random: SplitMix64(seed: seed), stream: stream)
            run.callTool("a")
            let answer = Self.markdown(seed, lines: 1...120, tables: true)
            run.write(answer)
            run.callTool("b")
            let ending = run.stream.finish(answer)
            run.slack.finish(ending)
            for (ts, message) in run.slack.messages {
                #expect(message.longest <= StreamChunk.longestText, "seed \(seed)")
                #expect(message.text.utf16.count <= mostText + 400, "seed \(seed)")
                expectHarmless(message.text, "seed \(seed), message \(ts): \(message.text.debugDescription)")
            }
            if let stop = ending.stop {
                #expect(run.slack.messages[stop.ts]?.cards.values.contains(.inProgress) == false, "seed \(seed)")
            }
            for message in ending.messages where message.isExact && !message.isOpen {
                let cards = run.slack.messages[message.ts]?.cards.values.map { $0 } ?? []
                #expect(!cards.contains(.inProgress), "seed \(seed), message \(message.ts)")
            }
            #expect(run.slack.problems.isEmpty, "seed \(seed): \(run.slack.problems)")
        }
    }
}
