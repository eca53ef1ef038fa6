import Analytics
import Bridge
import TestKit
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
        #expect(PostDelivery(Self.post(.ephemeral, attempts: 1), epoch: 2).action == .warnAsker)
    }

    @Test("an action that was not sent is tried again unchanged; an edit that would have to wait is replaced by a post")
    func notSent() {
        var edit = PostDelivery(Self.post(.answer, ts: "2.5"), epoch: 1)
        edit.handle(.notSent)
        #expect(edit.action == .edit(ts: "2.5"))
        edit.handle(.busy)
        #expect(edit.action == .done(.replace(ts: "2.5")))
        for kind in Self.kinds {
            let before = PostDelivery(Self.post(kind), epoch: 1)
            var after = before
            after.handle(.notSent)
            #expect(after == before)
        }
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
            // A post whose effect is unknown is followed by a search; an ephemeral message by a warning; an edit,
            // being idempotent, by the same edit.
            if case .post = delivery.action, response == .unsure { #expect(next.action == .look) }
            if case .ephemeral = delivery.action, response == .unsure { #expect(next.action == .warnAsker) }
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

    @Test("an open stream is ended before the edit; the claim that has it open ends it with its text, once")
    func streams() {
        var left = PostDelivery(Self.post(.answer, ts: "2.5"), epoch: 2)
        left.handle(.streaming)
        #expect(left.action == .close(ts: "2.5"))
        left.handle(.unsure)
        #expect(left.action == .close(ts: "2.5"))
        left.handle(.ended)
        #expect(left.action == .edit(ts: "2.5"))

        var row = Self.post(.answer, ts: "2.5")
        row.body?["stop"] = ["chunks": []]
        #expect(PostDelivery(row, epoch: 2).action == .edit(ts: "2.5"))
        let open = PostDelivery(row, epoch: 1)
        #expect(open.action == .finish(ts: "2.5"))
        let ways: [(PostDelivery.Response, PostDelivery.Action)] = [
            (.sent, .done(.sent(ts: "2.5"))), (.ended, .edit(ts: "2.5")), (.gone, .edit(ts: "2.5")),
            (.unsure, .close(ts: "2.5")), (.refusedBlocks, .close(ts: "2.5")), (.never, .close(ts: "2.5")),
            (.busy, .finish(ts: "2.5")),
        ]
        for (response, action) in ways {
            var delivery = open
            delivery.handle(response)
            #expect(delivery.action == action)
        }
    }

    @Test("a message that is no part of the answer is deleted after its stream has ended, and never edited")
    func surplus() {
        var row = Self.post(.answer, ts: "2.5")
        row.isSurplus = true
        for ended in [PostDelivery.Response.sent, .ended, .gone, .never] {
            var delivery = PostDelivery(row, epoch: 1)
            #expect(delivery.action == .close(ts: "2.5"))
            delivery.handle(ended)
            #expect(delivery.action == .remove(ts: "2.5"))
            delivery.handle(.unsure)
            delivery.handle(.busy)
            #expect(delivery.action == .remove(ts: "2.5"))
            delivery.handle(.never, code: "cant_delete_message")
            #expect(delivery.action == .done(.sent(ts: "2.5")))
        }
    }

    @Test("one that may exist is searched for and, if it is found, deleted; it is never posted")
    func surplusInDoubt() {
        for state in [PostRow.State.unknown, .planned] {
            var row = Self.post(.answer, state)
            row.isSurplus = true
            var found = PostDelivery(row, epoch: 1)
            #expect(found.action == .look)
            found.handle(.busy)
            found.handle(.unsure)
            #expect(found.action == .look)
            found.handle(.found, ts: "9.9")
            #expect(found.action == .close(ts: "9.9"))
            found.handle(.sent)
            #expect(found.action == .remove(ts: "9.9"))
            for response in [PostDelivery.Response.absent, .never, .gone, .refusedBlocks] {
                var delivery = PostDelivery(row, epoch: 1)
                delivery.handle(response, code: "thread_not_found")
                #expect(delivery.action == .done(.sent(ts: nil)), "\(response)")
            }
        }
    }

    @Test("a message that others of the answer follow waits for its edit: a post would come after them")
    func followed() {
        var row = Self.post(.answer, ts: "2.5")
        row.isFollowed = true
        var delivery = PostDelivery(row, epoch: 1)
        delivery.handle(.busy)
        #expect(delivery.action == .edit(ts: "2.5"))
    }

    /// Slack behind a lossy network: the calls that took effect, and what the caller receives.
    private struct LossySlack {
        var messages: [(ts: String, text: String)] = []
        /// The messages that are open streams.
        var streams: Set<String> = []
        var random: SplitMix64

        mutating func perform(_ action: PostDelivery.Action, besides: String?) -> (PostDelivery.Response, String?) {
            let loss = Int.random(in: 0..<4, using: &random)
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
                guard !streams.contains(ts) else { return (.streaming, nil) }
                messages[index].text = "answer"
                return isLost ? (.unsure, nil) : (.sent, nil)
            case .finish(let ts), .close(let ts):
                guard streams.remove(ts) != nil, let index = messages.firstIndex(where: { $0.ts == ts }) else {
                    return (.ended, nil)
                }
                if action == .finish(ts: ts) { messages[index].text = "answer" }
                return isLost ? (.unsure, nil) : (.sent, nil)
            default: return (.sent, nil)
            }
        }
    }

    @Test("with calls and responses lost at random, and crashes at random, one answer is in the thread")
    func lossy() {
        for seed in 0..<3_000 {
            var slack = LossySlack(random: SplitMix64(seed: UInt64(seed)))
            // The row as the store holds it: the state in memory is lost with the process.
            var row = Self.post(.answer, .planned, ts: nil, epoch: 1)
            if seed % 3 == 0 {
                slack.messages = [("5.0", "is thinking")]
                if seed % 2 == 0 { row.ts = "5.0" } else { row.state = .unknown }
                if seed % 4 > 1 {
                    slack.streams = ["5.0"]
                    row.body?["stop"] = ["chunks": []]
                }
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
                    if Int.random(in: 0..<6, using: &slack.random) == 0 { break }
                }
                guard case .done(.sent(let ts)) = delivery.action, Int.random(in: 0..<3, using: &slack.random) > 0
                else {
                    epoch += 1
                    continue
                }
                if let old = delivery.replaces { slack.messages.removeAll { $0.ts == old } }
                #expect(ts != nil, "seed \(seed)")
                isDone = true
            }
            #expect(slack.messages.map(\.text) == ["answer"], "seed \(seed): \(slack.messages)")
        }
    }
}
