import Bridge
import SlackEmulator
import TestKit
import Testing

/// The SDK's stream helper and its upload helper work with the emulator unmodified.
@Suite("Slack's own SDK streams", .timeLimit(.minutes(5)))
struct BoltStreamTests {
    private func types(_ message: EmulatedMessage) -> [String] {
        message.blocks.map { $0["type"]?.string ?? "" }
    }

    @Test("somebody watches slack_bolt's answer grow; it ends whole with its card and a file, and is rated")
    func watch() async throws {
        try await withBolt { emulator in
            let root = try emulator.say(as: "ana", in: "#ops", "@omni watch run 811")
            let open = try #require(
                await emulator.waitFor { snapshot in
                    snapshot.thread("#ops", root).first { $0.text == "**Cause**: the disk of `ci-4` " }
                })
            #expect(open.isStreaming && types(open) == ["task_card", "markdown"])
            #expect(open.blocks.first?["title"] == "Reading the log")
            #expect(open.blocks.first?["status"] == "in_progress")
            #expect(emulator.snapshot.status("#ops", root) == nil)
            #expect(
                emulator.snapshot.calls("assistant.threads.setStatus").map { $0.detail["arguments"]?["status"] }
                    == ["is reading the log..."])

            try emulator.say(as: "ana", in: "#ops", "@omni enough", thread: root)
            let upload = try #require(await emulator.waitFor { $0.thread("#ops", root).first { !$0.files.isEmpty } })
            let answer = try #require(emulator.thread("#ops", root).first { $0.ts == open.ts })
            #expect(answer.text == "**Cause**: the disk of `ci-4` is full.\n")
            #expect(!answer.isStreaming && !answer.isEdited)
            #expect(types(answer) == ["task_card", "markdown", "context_actions"])
            #expect(answer.blocks.allSatisfy { $0["block_id"]?.string?.isEmpty == false })
            let card = try #require(answer.blocks.first)
            #expect(card["title"] == "Read the log" && card["status"] == "complete")
            #expect(card["details"] == "run 811 of ci-4" && card["output"] == "2 failures")
            #expect(card["sources"]?[0]?["url"] == "https://ci.example/811")
            #expect(answer.metadata == ["event_type": "answer", "event_payload": ["run": 811]])
            #expect(upload.text == "The log behind 3 blocks")
            #expect(upload.files.map { $0["title"] } == ["Log of run 811"])
            let seen = emulator.threadText("#ops", root)
            for words in ["[x] Read the log", "[Good] [Bad]", "[file: run-811.log]"] {
                #expect(seen.contains(words), "\(seen)")
            }
            let counts = ["start", "append", "stop"].map { emulator.snapshot.calls("chat.\($0)Stream").count }
            #expect(counts == [1, 2, 1])
            let press = try await emulator.press(as: "ben", in: "#ops", answer.ts, action: "rate", value: "good")
            #expect(press.wasAcknowledged)
            #expect(await emulator.waitUntil { $0.thread("#ops", root).contains { $0.text == "Rated good" } })
        }
    }

    @Test("in direct messages slack_bolt streams a plan, one of whose steps fails")
    func plan() async throws {
        try await withBolt { emulator in
            let root = try emulator.say(as: "ana", in: "@omni", "repair it")
            let answer = try #require(
                await emulator.waitFor { $0.thread("@ana", root).first { $0.isReply && !$0.isStreaming } })
            #expect(types(answer) == ["plan", "markdown"] && answer.text == "Ask _Dana_.")
            let plan = try #require(answer.blocks.first)
            #expect(plan["title"] == "Two steps")
            #expect(plan["tasks"]?.array?.map { $0["title"] } == ["Read", "Repair"])
            #expect(plan["tasks"]?.array?.map { $0["status"] } == ["complete", "error"])
        }
    }

    @Test("slack_bolt that breaks the rules of streams has Slack's errors")
    func rules() async throws {
        try await withBolt { emulator in
            let root = try emulator.say(as: "ana", in: "#ops", "@omni break the rules")
            let report = try #require(
                await emulator.waitFor { $0.thread("#ops", root).first { $0.text.hasPrefix("start for nobody") } })
            #expect(report.text.split(separator: "\n").map(String.init) == Self.codes)
            let streams = emulator.thread("#ops", root).filter { $0.isReply && $0.ts != report.ts }
            #expect(streams.map(\.text) == ["edited", "second"])
            #expect(streams.allSatisfy { !$0.isStreaming })
        }
    }

    private static let codes = [
        "start for nobody: missing_recipient_user_id",
        "start without a team: missing_recipient_team_id",
        "start for an unknown user: user_not_found",
        "start for another team: team_not_found",
        "start nowhere: invalid_thread_ts",
        "second start: ok",
        "edit of an open stream: streaming_state_conflict",
        "append of nothing: markdown_text_or_chunks_required",
        "append of both: cannot_provide_both_markdown_text_and_chunks",
        "append in another mode: streaming_mode_mismatch",
        "append of 12,001 characters: msg_too_long",
        "title of 257 characters: invalid_chunks",
        "unknown status: invalid_chunks",
        "append to a person's message: message_not_owned_by_app",
        "stop with a wrong block: invalid_blocks",
        "append after the stop: message_not_in_streaming_state",
        "second stop: message_not_in_streaming_state",
        "edit after the stop: ok",
    ]

    @Test("slack_bolt uploads two files at once to two channels")
    func uploads() async throws {
        try await withBolt { emulator in
            try emulator.say(as: "ana", in: "#ops", "@omni everywhere")
            for channel in ["#ops", "#general"] {
                let message = await emulator.waitFor { $0.messages(channel).first { !$0.files.isEmpty } }
                #expect(message?.files.map { $0["name"] } == ["one.txt", "two.txt"], "\(channel)")
            }
        }
    }
}
