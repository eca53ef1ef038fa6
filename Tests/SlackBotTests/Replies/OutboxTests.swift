import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("Sending the messages of a question", .timeLimit(.minutes(3)))
struct OutboxTests {
    private static let process = ProcessRow(name: "one", host: "localhost", pid: 1)
    private static let other = ProcessRow(name: "two", host: "localhost", pid: 2)
    /// Outlasts a test on a busy machine, as nothing renews it.
    private static let lease = Duration.seconds(600)

    /// An answered question whose messages are to be sent, with two processes that use its store.
    private struct Fixture {
        let double: SlackAPIDouble
        let store: Store
        /// The store as the other process has it.
        let others: Store
        let claimed: ClaimedQuestion
        let posts: [PostRow]

        var outbox: Outbox { Outbox(api: double.api(), store: store, logger: SlackAPIDouble.logger) }

        /// Ends the claim without this process's knowledge, and lets the other process claim the question.
        func takeOver() async throws -> ClaimedQuestion {
            _ = try await others.release(claimed.claim)
            let claim = try #require(
                try await others.claim(claimed.claim.id, for: OutboxTests.other, lease: OutboxTests.lease))
            return ClaimedQuestion(claim, claimed.incoming)
        }

        /// Text, thread and metadata of each message that was posted.
        func posted() async throws -> [JSONValue] { try await double.calls("chat.postMessage").map(\.body) }

        func rows() async throws -> [PostRow] { try await others.posts(of: claimed.claim.id) }
    }

    private func open(
        parts: Int, kind: PostRow.Kind = .answer, _ body: (Fixture) async throws -> Void
    ) async throws {
        try await StoreFixture.run(2) { stores in
            let asker = Principal(
                email: "ana@acme.example", name: "Ana", role: "dba", source: .builtIn("test"))
            let question = Question(
                asker: asker, text: "why?", place: Place(entryPoint: .slack, channel: "C1"), threadKey: "T1:C1:1.0")
            let origin = QuestionOrigin(team: "T1", channel: "C1", userID: "U1", messageTS: "1.0")
            _ = try await stores[0].accept(NewQuestion(question, origin: origin))
            let claim = try #require(
                try await stores[0].claim(question.id, for: Self.process, lease: Self.lease))
            let claimed = ClaimedQuestion(claim, try #require(SlackQuestion(claim.question)))
            let posts = (0..<parts).map { part in
                var post = claimed.post(kind, part: part, SlackMessage(text: "part \(part)"))
                post.epoch = claim.epoch
                return post
            }
            let outcome = QuestionOutcome.answered(Answer(text: "because", usage: Usage()))
            #expect(
                try await stores[0].finish(
                    FinishedQuestion(question, origin: origin, outcome: outcome, posts: posts), claim))
            try await SlackAPIDouble.run { double in
                try await body(
                    Fixture(double: double, store: stores[0], others: stores[1], claimed: claimed, posts: posts))
            }
        }
    }

    @Test("the parts of an answer arrive in the thread in their order, each with its key, and are noted")
    func order() async throws {
        try await open(parts: 3) { fixture in
            #expect(await fixture.outbox.deliver(fixture.posts.reversed(), of: fixture.claimed))
            let posted = try await fixture.posted()
            #expect(posted.compactMap { $0["text"]?.string } == ["part 0", "part 1", "part 2"])
            #expect(posted.allSatisfy { $0["thread_ts"]?.string == "1.0" && $0["channel"]?.string == "C1" })
            #expect(posted.compactMap { MessageKey(of: $0) } == fixture.posts.map { MessageKey($0) })
            let rows = try await fixture.rows()
            #expect(rows.allSatisfy { $0.state == .sent })
            #expect(Set(rows.compactMap(\.ts)).count == 3)
            #expect(try await fixture.store.unfinished().isEmpty)
        }
    }

    @Test("a message that Slack refuses for good does not hold up the others, and the asker is told")
    func refusedMessage() async throws {
        try await open(parts: 3) { fixture in
            try await fixture.double.script(
                "chat.postMessage", [[:], .slackError("message_limit_exceeded")])
            #expect(await fixture.outbox.deliver(fixture.posts, of: fixture.claimed))
            let texts = try await fixture.posted().compactMap { $0["text"]?.string }
            #expect(texts == ["part 0", "part 1", "part 2"])
            #expect(try await fixture.rows().map(\.state) == [.sent, .failed, .sent])
            let told = try await fixture.double.calls("chat.postEphemeral")
            #expect(told.count == 1)
            let errorID = fixture.claimed.claim.id.errorID
            #expect(told.first?.body["text"]?.string?.contains(errorID) == true)
            #expect(told.first?.body["user"]?.string == "U1")
            #expect(try await fixture.store.unfinished().isEmpty)
        }
    }

    @Test("a message without blocks whose text Slack refuses is not sent, and the asker is told")
    func refusedText() async throws {
        try await open(parts: 1) { fixture in
            try await fixture.double.script("chat.postMessage", [.slackError("msg_too_long")])
            #expect(await fixture.outbox.deliver(fixture.posts, of: fixture.claimed))
            #expect(try await fixture.rows().map(\.state) == [.failed])
            let told = try await fixture.double.calls("chat.postEphemeral").compactMap { $0.body["text"]?.string }
            #expect(told.count == 1 && told[0].contains(fixture.claimed.claim.id.errorID))
        }
    }

    @Test("a message that Slack asks to send later is sent then, before the ones after it")
    func rateLimited() async throws {
        try await open(parts: 2) { fixture in
            try await fixture.double.script("chat.postMessage", [.slackRateLimit(1)])
            #expect(await fixture.outbox.deliver(fixture.posts, of: fixture.claimed))
            let calls = try await fixture.double.calls("chat.postMessage")
            #expect(calls.compactMap { $0.body["text"]?.string } == ["part 0", "part 0", "part 1"])
            try #require(calls.count == 3)
            #expect(calls[1].time - calls[0].time >= 1)
        }
    }

    @Test("a message whose response was lost is searched for on all pages of the thread, found, and not sent again")
    func lostResponse() async throws {
        try await open(parts: 1) { fixture in
            let key = MessageKey(fixture.posts[0]).metadata
            try await fixture.double.script("chat.postMessage", [.slackReset])
            try await fixture.double.script(
                "conversations.replies",
                [
                    [
                        "body": [
                            "ok": true, "messages": [["ts": "1.0"], ["ts": "2.0", "text": "part 0"]],
                            "response_metadata": ["next_cursor": "more"],
                        ]
                    ],
                    ["body": ["ok": true, "messages": [["ts": "3.5", "metadata": key]]]],
                ])
            #expect(await fixture.outbox.deliver(fixture.posts, of: fixture.claimed))
            #expect(try await fixture.posted().count == 1)
            let pages = try await fixture.double.calls("conversations.replies")
            #expect(pages.map { $0.body["cursor"]?.string } == [nil, "more"])
            #expect(try await fixture.rows().map(\.ts) == ["3.5"])
        }
    }

    @Test("a streamed message that is whole needs no call, the last ends its stream, and a surplus one is deleted")
    func streamed() async throws {
        try await open(parts: 3) { fixture in
            var posts = fixture.posts
            for index in posts.indices { posts[index].ts = "\(index + 5).0" }
            posts[0].state = .sent
            posts[1].body?["stop"] = ["chunks": [["type": "markdown_text", "text": "end"]], "blocks": []]
            posts[2].isSurplus = true
            #expect(await fixture.outbox.deliver(posts, of: fixture.claimed))
            let calls = try await fixture.double.calls()
            #expect(calls.map(\.method) == ["chat.stopStream", "chat.stopStream", "chat.delete"])
            #expect(calls.compactMap { $0.body["ts"]?.string } == ["6.0", "7.0", "7.0"])
            #expect(calls.first?.body["chunks"]?[0]?["text"] == "end")
            #expect(try await fixture.rows().allSatisfy { $0.state == .sent && $0.ts != nil })
        }
    }

    @Test("messages that are in the thread already and whose blocks Slack refuses are edited to plain text in place")
    func refusedEdits() async throws {
        try await open(parts: 2) { fixture in
            var posts = fixture.posts
            for index in posts.indices {
                let text = "part \(index)"
                posts[index].ts = "\(index + 5).0"
                posts[index].body =
                    SlackMessage(text: text, blocks: [["type": "markdown", "text": .string(text)]]).json
            }
            try await fixture.double.script("chat.update", [.slackError("invalid_blocks")])
            #expect(await fixture.outbox.deliver(posts, of: fixture.claimed))
            let edits = try await fixture.double.calls("chat.update").map(\.body)
            #expect(edits.compactMap { $0["ts"]?.string } == ["5.0", "5.0", "6.0"])
            #expect(edits.dropFirst().allSatisfy { $0["blocks"] == nil || $0["blocks"]?.array?.isEmpty == true })
            #expect(try await fixture.posted().isEmpty)
        }
    }

    @Test(
        "where edits are rate-limited and the post instead is refused, no progress message stays beside what is read",
        arguments: [
            (["invalid_blocks"], "chat.postMessage"), (["invalid_blocks", "invalid_blocks"], "chat.postEphemeral"),
            (["restricted_action"], "chat.postEphemeral"),
        ])
    func refusedReplacement(codes: [String], last: String) async throws {
        try await open(parts: 1) { fixture in
            var post = fixture.posts[0]
            post.ts = "5.0"
            post.body = SlackMessage(text: "a", blocks: [["type": "markdown", "text": "the answer"]]).json
            try await fixture.double.script("chat.update", [.slackRateLimit(30)])
            try await fixture.double.script("chat.postMessage", codes.map { .slackError($0) })
            #expect(await fixture.outbox.deliver([post], of: fixture.claimed))
            let calls = try await fixture.double.calls()
            let deleted = calls.filter { $0.method == "chat.delete" }
            #expect(deleted.map { $0.body["ts"]?.string } == ["5.0"])
            let posted = calls.filter { $0.method.hasPrefix("chat.post") }
            #expect(posted.count > codes.count && posted.last?.method == last, "\(posted.map(\.method))")
            #expect(try await fixture.store.unfinished().isEmpty)
        }
    }

    @Test(
        "a surplus message that may exist is found and deleted, also when what is before it is sent in another way",
        arguments: [("invalid_blocks", [2], ["6.0"]), ("restricted_action", [], ["5.0", "6.0"])])
    func surplusInDoubt(code: String, posted: [Int], deleted: [String]) async throws {
        try await open(parts: 2) { fixture in
            var posts = fixture.posts
            let key = MessageKey(posts[1]).metadata
            (posts[1].state, posts[1].isSurplus, posts[1].searchedPart) = (.unknown, true, 1)
            let text = JSONValue.string(String(repeating: "Words of an answer.\n\n", count: 200))
            posts[0].ts = "5.0"
            posts[0].body = SlackMessage(text: "a", blocks: [["type": "markdown", "text": text]]).json
            try await fixture.double.script("chat.update", [.slackError(code)])
            let found: JSONValue = ["ok": true, "messages": [["ts": "6.0", "metadata": key]]]
            try await fixture.double.script("conversations.replies", [["body": found]])
            #expect(await fixture.outbox.deliver(posts, of: fixture.claimed))
            #expect(try await fixture.posted().map { MessageKey(of: $0)?.part } == posted)
            let calls = try await fixture.double.calls("chat.delete")
            #expect(calls.compactMap { $0.body["ts"]?.string } == deleted)
            #expect(try await fixture.store.unfinished().isEmpty)
        }
    }

    @Test("a process that does not hold the question any more sends nothing and notes nothing")
    func lostLease() async throws {
        try await open(parts: 2) { fixture in
            let taken = try await fixture.takeOver()
            fixture.store.lapse(fixture.claimed.claim)
            let before = try await fixture.rows()
            let result = await fixture.outbox.deliver(
                fixture.posts[0], of: fixture.claimed, within: .milliseconds(500))
            #expect(result == nil)
            #expect(try await fixture.double.calls().isEmpty)
            #expect(try await fixture.rows() == before)
            let outbox = Outbox(api: fixture.double.api(), store: fixture.others, logger: SlackAPIDouble.logger)
            #expect(await outbox.deliver(before, of: taken), "the other process sends them")
            #expect(try await fixture.posted().count == 2)
        }
    }

    @Test("a message that was sent after another process had taken the question over is deleted again")
    func lateMessage() async throws {
        try await open(parts: 2) { fixture in
            // This process has not noticed: as after a pause of the machine.
            _ = try await fixture.takeOver()
            #expect(await !fixture.outbox.deliver(fixture.posts, of: fixture.claimed))
            #expect(try await fixture.posted().count == 1, "the second part is not sent")
            let deleted = try await fixture.double.calls("chat.delete").compactMap { $0.body["ts"]?.string }
            #expect(deleted.count == 1)
            #expect(try await fixture.rows().allSatisfy { $0.state == .planned && $0.ts == nil })
        }
    }

    @Test("a message for the asker alone whose response was lost is not repeated; the asker is told of it")
    func ephemeral() async throws {
        try await open(parts: 1, kind: .ephemeral) { fixture in
            try await fixture.double.script("chat.postEphemeral", [.slackReset])
            #expect(await fixture.outbox.deliver(fixture.posts, of: fixture.claimed))
            let texts = try await fixture.double.calls("chat.postEphemeral").compactMap { $0.body["text"]?.string }
            try #require(texts.count == 2)
            #expect(texts[0] == "part 0" && texts[1].contains(fixture.claimed.claim.id.errorID))
        }
    }
}
