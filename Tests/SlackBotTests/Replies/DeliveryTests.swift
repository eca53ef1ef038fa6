import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("Bringing a message into Slack, once")
struct DeliveryTests {
    private static let kinds: [PostRow.Kind] = [.parent, .progress, .answer, .whisper]
    private static let states: [PostRow.State] = [.planned, .sent, .unknown, .failed]

    private static func post(
        _ kind: PostRow.Kind, _ state: PostRow.State = .planned, ts: String? = nil, epoch: Int64 = 1, attempts: Int = 0
    ) -> PostRow {
        var post = PostRow(question: ULID(), part: 0, kind: kind, channel: "C1", threadTS: "1.0", body: ["text": "a"])
        (post.state, post.ts, post.epoch, post.attempts) = (state, ts, epoch, attempts)
        return post
    }

    @Test("what is planned now is sent; what somebody else planned, or nobody knows of, is looked for first")
    func beginnings() {
        #expect(Delivery(Self.post(.answer), epoch: 1).act == .post)
        #expect(Delivery(Self.post(.answer), epoch: 2).act == .look)
        #expect(Delivery(Self.post(.answer, .unknown), epoch: 1).act == .look)
        #expect(Delivery(Self.post(.answer, ts: "2.5"), epoch: 2).act == .edit(ts: "2.5"))
        #expect(Delivery(Self.post(.answer, .sent, ts: "2.5"), epoch: 2).act == .rest(.sent(ts: "2.5")))
        #expect(Delivery(Self.post(.progress, .sent, ts: "2.5"), epoch: 2).act == .rest(.sent(ts: "2.5")))
        #expect(Delivery(Self.post(.whisper), epoch: 2).act == .whisper)
        #expect(Delivery(Self.post(.whisper, attempts: 1), epoch: 2).act == .admit)
    }

    @Test("whatever Slack answers in whatever order, it ends, and a post follows only a look or nothing")
    func allAnswers() {
        for kind in Self.kinds {
            for state in Self.states {
                for ts in [nil, "2.5"] as [String?] {
                    for epoch in [1, 2] as [Int64] {
                        walk(Delivery(Self.post(kind, state, ts: ts), epoch: epoch), [])
                    }
                }
            }
        }
    }

    private func walk(_ delivery: Delivery, _ path: [Delivery.Answer]) {
        guard path.count < 5 else { return }
        for answer in Delivery.Answer.allCases {
            var next = delivery
            next.handle(answer, ts: answer == .sent || answer == .found ? "9.9" : nil, code: "code")
            if case .rest = delivery.act { #expect(next == delivery) }
            // An ambiguous post is never simply repeated.
            if case .post = delivery.act, answer == .unsure { #expect(next.act == .look) }
            if case .whisper = delivery.act, answer == .unsure { #expect(next.act == .admit) }
            if case .edit(let ts) = delivery.act, answer == .unsure { #expect(next.act == .edit(ts: ts)) }
            if next.act == .post, delivery.act != .post {
                let isAllowed = (delivery.act == .look && answer == .absent) || answer == .gone
                #expect(isAllowed, "\(delivery.act) \(answer) led to a post")
            }
            walk(next, path + [answer])
        }
    }

    /// Slack with a network that loses: what was carried out, and what the caller hears of it.
    private struct LossySlack {
        var messages: [(ts: String, text: String)] = []
        var random: SplitMix

        mutating func perform(_ act: Delivery.Act, besides: String?) -> (Delivery.Answer, String?) {
            let loss = random.next(4)
            if loss == 0 { return (.busy, nil) }
            let isLost = loss == 1
            switch act {
            case .look:
                if isLost { return (.unsure, nil) }
                let found = messages.first { $0.ts != besides }
                return (found == nil ? .absent : .found, found?.ts)
            case .post:
                let ts = "\(messages.count + 10).0"
                messages.append((ts, "answer"))
                return isLost ? (.unsure, nil) : (.sent, ts)
            case .edit(let ts):
                guard let index = messages.firstIndex(where: { $0.ts == ts }) else { return (.gone, nil) }
                messages[index].text = "answer"
                return isLost ? (.unsure, nil) : (.sent, nil)
            default: return (.sent, nil)
            }
        }
    }

    /// Small numbers that are the same in every run of a seed.
    private struct SplitMix {
        var state: UInt64

        mutating func next(_ bound: UInt64) -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return (z ^ (z >> 31)) % bound
        }
    }

    @Test("with calls and answers lost at random, and the process killed at random, one answer stands in the thread")
    func lossy() {
        for seed in 0..<3_000 {
            var slack = LossySlack(random: SplitMix(state: UInt64(seed)))
            // The row as the record keeps it: what a process knows dies with it.
            var row = Self.post(.answer, .planned, ts: nil, epoch: 1)
            if seed % 3 == 0 {
                slack.messages = [("5.0", "is thinking")]
                if seed % 2 == 0 { row.ts = "5.0" } else { row.state = .unknown }
            }
            var epoch: Int64 = 1
            var isDone = false
            while !isDone {
                var delivery = Delivery(row, epoch: epoch)
                var steps = 0
                while true {
                    if case .rest(.sent) = delivery.act { break }
                    if case .rest(.replace(let ts)) = delivery.act {
                        (row.ts, row.epoch, row.state) = (nil, epoch, .planned)
                        row.body?["replaces"] = .string(ts)
                        delivery = Delivery(row, epoch: epoch)
                        continue
                    }
                    let (answer, ts) = slack.perform(delivery.act, besides: delivery.replaces)
                    delivery.handle(answer, ts: ts)
                    steps += 1
                    if slack.random.next(6) == 0 { break }
                }
                guard case .rest(.sent(let ts)) = delivery.act, slack.random.next(3) > 0 else {
                    epoch += 1
                    continue
                }
                if let old = delivery.replaces { slack.messages.removeAll { $0.ts == old } }
                #expect(ts != nil)
                isDone = true
            }
            #expect(slack.messages.map(\.text) == ["answer"], "seed \(seed): \(slack.messages)")
        }
    }
}
