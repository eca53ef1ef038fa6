import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("Delivering a message to Slack once")
struct PostDeliveryTests {
    private static let kinds: [PostRow.Kind] = [.parent, .progress, .answer, .ephemeral, .file]
    private static let states: [PostRow.State] = [.planned, .sent, .unknown, .failed]

    private static func post(
        _ kind: PostRow.Kind, _ state: PostRow.State = .planned, ts: String? = nil, epoch: Int64 = 1, attempts: Int = 0
    ) -> PostRow {
        var post = PostRow(question: ULID(), part: 0, kind: kind, channel: "C1", threadTS: "1.0", body: ["text": "a"])
        (post.state, post.ts, post.epoch, post.attempts) = (state, ts, epoch, attempts)
        return post
    }

    @Test("a message planned in this epoch is sent; one of another epoch, or of unknown state, is first searched for")
    func beginnings() {
        #expect(PostDelivery(Self.post(.answer), epoch: 1).action == .post)
        #expect(PostDelivery(Self.post(.answer), epoch: 2).action == .look)
        #expect(PostDelivery(Self.post(.answer, .unknown), epoch: 1).action == .look)
        #expect(PostDelivery(Self.post(.answer, ts: "2.5"), epoch: 2).action == .edit(ts: "2.5"))
        #expect(PostDelivery(Self.post(.answer, .sent, ts: "2.5"), epoch: 2).action == .done(.sent(ts: "2.5")))
        #expect(PostDelivery(Self.post(.progress, .sent, ts: "2.5"), epoch: 2).action == .done(.sent(ts: "2.5")))
        #expect(PostDelivery(Self.post(.file), epoch: 1).action == .upload)
        #expect(PostDelivery(Self.post(.file), epoch: 2).action == .look)
        #expect(PostDelivery(Self.post(.file, .unknown), epoch: 1).action == .look)
        #expect(PostDelivery(Self.post(.ephemeral), epoch: 2).action == .ephemeral)
        #expect(PostDelivery(Self.post(.ephemeral, attempts: 1), epoch: 2).action == .admit)
    }

    @Test("for all sequences of responses a message is posted again only after a search, or when its message is gone")
    func allAnswers() {
        for kind in Self.kinds {
            for state in Self.states {
                for ts in [nil, "2.5"] as [String?] {
                    for epoch in [1, 2] as [Int64] {
                        walk(PostDelivery(Self.post(kind, state, ts: ts), epoch: epoch), [])
                    }
                }
            }
        }
    }

    private func walk(_ delivery: PostDelivery, _ path: [PostDelivery.Response]) {
        guard path.count < 5 else { return }
        for response in PostDelivery.Response.allCases {
            var next = delivery
            next.handle(response, ts: response == .sent || response == .found ? "9.9" : nil, code: "code")
            if case .done = delivery.action { #expect(next == delivery) }
            // A post whose effect is unknown is followed by a search; an ephemeral message by its admission; an edit,
            // being idempotent, by the same edit.
            if case .post = delivery.action, response == .unsure { #expect(next.action == .look) }
            if case .ephemeral = delivery.action, response == .unsure { #expect(next.action == .admit) }
            if case .edit(let ts) = delivery.action, response == .unsure { #expect(next.action == .edit(ts: ts)) }
            if next.action == .post, delivery.action != .post {
                let isAllowed = (delivery.action == .look && response == .absent) || response == .gone
                #expect(isAllowed, "\(delivery.action) \(response) led to a post")
            }
            if next.action == .upload, delivery.action != .upload {
                #expect(delivery.action == .look && response == .absent, "\(delivery.action) \(response)")
            }
            if case .upload = delivery.action, response == .unsure { #expect(next.action == .look) }
            walk(next, path + [response])
        }
    }

    @Test("a file whose upload may have succeeded is uploaded again only after two searches without it")
    func searchedTwice() {
        var delivery = PostDelivery(Self.post(.file), epoch: 1)
        delivery.handle(.unsure, code: "unreachable")
        delivery.handle(.absent)
        #expect(delivery.action == .look)
        delivery.handle(.busy)
        #expect(delivery.action == .look)
        delivery.handle(.absent)
        #expect(delivery.action == .upload)
        delivery.handle(.unsure, code: "unreachable")
        delivery.handle(.found, ts: "9.9")
        #expect(delivery.action == .done(.sent(ts: "9.9")))
    }

    @Test("a file is given up after six uploads, with the last error")
    func givenUp() {
        for response in [PostDelivery.Response.busy, .unsure] {
            var delivery = PostDelivery(Self.post(.file), epoch: 1)
            var uploads = 0
            while uploads < 20 {
                if case .done = delivery.action { break }
                if delivery.action == .upload {
                    uploads += 1
                    delivery.handle(response, code: "http_503")
                } else {
                    delivery.handle(.absent)
                }
            }
            #expect(uploads == 6)
            #expect(delivery.action == .done(.failed("http_503")))
        }
        var refused = PostDelivery(Self.post(.file), epoch: 1)
        refused.handle(.never, code: "missing_scope")
        #expect(refused.action == .done(.failed("missing_scope")))
    }

    /// Slack behind a lossy network: the calls that took effect, and what the caller receives.
    private struct LossySlack {
        var messages: [(ts: String, text: String)] = []
        var random: SplitMix

        mutating func perform(_ action: PostDelivery.Action, besides: String?) -> (PostDelivery.Response, String?) {
            let loss = random.next(4)
            if loss == 0 { return (.busy, nil) }
            let isLost = loss == 1
            switch action {
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

    /// Small random numbers, the same for the same seed (SplitMix64).
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

    @Test("with calls and responses lost at random, and crashes at random, one answer is in the thread")
    func lossy() {
        for seed in 0..<3_000 {
            var slack = LossySlack(random: SplitMix(state: UInt64(seed)))
            // The row as the store holds it: the state in memory is lost with the process.
            var row = Self.post(.answer, .planned, ts: nil, epoch: 1)
            if seed % 3 == 0 {
                slack.messages = [("5.0", "is thinking")]
                if seed % 2 == 0 { row.ts = "5.0" } else { row.state = .unknown }
            }
            var epoch: Int64 = 1
            var isDone = false
            while !isDone {
                var delivery = PostDelivery(row, epoch: epoch)
                var steps = 0
                while true {
                    if case .done(.sent) = delivery.action { break }
                    if case .done(.replace(let ts)) = delivery.action {
                        (row.ts, row.epoch, row.state) = (nil, epoch, .planned)
                        row.body?["replaces"] = .string(ts)
                        delivery = PostDelivery(row, epoch: epoch)
                        continue
                    }
                    let (response, ts) = slack.perform(delivery.action, besides: delivery.replaces)
                    delivery.handle(response, ts: ts)
                    steps += 1
                    if slack.random.next(6) == 0 { break }
                }
                guard case .done(.sent(let ts)) = delivery.action, slack.random.next(3) > 0 else {
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
