import Bridge
import SlackEmulator

/// Three questions as people would ask them, and what must come of them.
struct DemoVisit: Sendable {
    let emulator: Emulator

    /// One question with the words that its thread must show in the end.
    struct Stop: Sendable {
        let person: String
        let place: String
        let question: String
        let way: Way
        let expected: [String]

        enum Way: Sendable { case command, message }

        var asked: String {
            switch way {
            case .command: "\(person) in \(place): /omni \(question)"
            case .message: "\(person) in \(place): \(question)"
            }
        }
    }

    static let stops = [
        Stop(
            person: "ana", place: "#ops",
            question: "What are the top 5 slowest queries and how is the database health?",
            way: .command, expected: ["ops.get_top_queries", "ops.get_database_health"]),
        Stop(
            person: "dan", place: "#ops", question: "@omni Which deploys of checkout happened in the last 24 hours?",
            way: .message, expected: ["ops.list_deploys", "checkout"]),
        Stop(
            person: "ben", place: "@ben", question: "Please drop the index idx_orders_created", way: .message,
            expected: ["ops.drop_index", "may not"]),
    ]

    /// A thread as a person sees it, and whether it is what it should be.
    struct Seen: Sendable {
        let thread: String
        let isRight: Bool
    }

    /// Asks and waits for the final message.
    func make(_ stop: Stop) async throws -> Seen {
        let channel = stop.place
        let root: String?
        switch stop.way {
        case .message: root = try emulator.say(as: stop.person, in: channel, stop.question)
        case .command:
            let known = Set(emulator.messages(channel).map(\.ts))
            let outcome = try await emulator.command(as: stop.person, in: channel, "/omni", stop.question)
            guard outcome.wasAcknowledged else {
                return Seen(thread: "Slack shows: /omni failed (\(outcome.error ?? "unknown"))", isRight: false)
            }
            root = await emulator.waitFor(within: .seconds(20)) { snapshot in
                snapshot.messages(channel).first { !known.contains($0.ts) && $0.botID != nil }?.ts
            }
        }
        guard let root else { return Seen(thread: "Nothing was posted.", isRight: false) }
        let end = await emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.thread(channel, root).last { $0.botID != nil && $0.ts != root && Self.isFinal($0) }
        }
        let thread = emulator.threadText(channel, root)
        let isRight = end != nil && stop.expected.allSatisfy { thread.contains($0) }
        return Seen(thread: thread, isRight: isRight)
    }

    private static func isFinal(_ message: EmulatedMessage) -> Bool {
        !message.text.hasPrefix(":hourglass_flowing_sand:")
    }
}
