import Bridge
import SlackEmulator

/// The three questions of the demo, with the expected content of their threads.
struct DemoScript: Sendable {
    let emulator: Emulator

    /// One question, and texts that its thread must contain at the end.
    struct Step: Sendable {
        let person: String
        let place: String
        let question: String
        let kind: Kind
        let expected: [String]

        /// How it is asked: `/omni`, or a message (mention or direct message).
        enum Kind: Sendable { case command, message }

        /// The question as the demo prints it.
        var asked: String {
            switch kind {
            case .command: "\(person) in \(place): /omni \(question)"
            case .message: "\(person) in \(place): \(question)"
            }
        }
    }

    static let steps = [
        Step(
            person: "ana", place: "#ops",
            question: "why is checkout slow?", kind: .command,
            expected: [
                "ops.get_service_health", "ops.list_deploys", "ops.get_top_queries", "payment_attempts", "v2.14.0",
            ]),
        Step(
            person: "dan", place: "#ops", question: "@omni Which deploys of checkout happened in the last 24 hours?",
            kind: .message, expected: ["ops.list_deploys", "checkout"]),
        Step(
            person: "ben", place: "@ben", question: "Please drop the index idx_orders_created", kind: .message,
            expected: ["ops.drop_index", "may not"]),
    ]

    /// The text of a thread, and whether it is as expected.
    struct Result: Sendable {
        let thread: String
        let isRight: Bool
    }

    /// Asks the question and waits up to 60 s for the final message. Throws when the emulator rejects the message or
    /// command.
    func make(_ step: Step) async throws -> Result {
        let channel = step.place
        let root: String?
        switch step.kind {
        case .message: root = try emulator.say(as: step.person, in: channel, step.question)
        case .command:
            let known = Set(emulator.messages(channel).map(\.ts))
            let outcome = try await emulator.command(as: step.person, in: channel, "/omni", step.question)
            guard outcome.wasAcknowledged else {
                return Result(thread: "Slack shows: /omni failed (\(outcome.error ?? "unknown"))", isRight: false)
            }
            root = await emulator.waitFor(within: .seconds(20)) { snapshot in
                snapshot.messages(channel).first { !known.contains($0.ts) && $0.botID != nil }?.ts
            }
        }
        guard let root else { return Result(thread: "Nothing was posted.", isRight: false) }
        let end = await emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.thread(channel, root).last { $0.botID != nil && $0.ts != root && Self.isFinal($0) }
        }
        let thread = emulator.threadText(channel, root)
        let isRight = end != nil && step.expected.allSatisfy { thread.contains($0) }
        return Result(thread: thread, isRight: isRight)
    }

    /// An answer's last message has buttons, and a refusal is sections only.
    private static func isFinal(_ message: EmulatedMessage) -> Bool {
        !message.isStreaming && !message.text.hasPrefix(":hourglass_flowing_sand:")
            && (message.blocks.contains {
                $0["type"] == "actions" && $0["block_id"] == .string(AnswerActionsView.blockID)
            }
                || message.blocks.allSatisfy { $0["type"] == "section" })
    }
}
