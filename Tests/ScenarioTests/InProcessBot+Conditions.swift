import Bridge
import Foundation
import Logging
import SlackEmulator
import TestKit
import Testing
import WebSockets

@testable import SlackBot

extension InProcessBot {
    /// Waits until the process's Socket Mode state fulfils a condition, and returns that state.
    @discardableResult
    func health(_ condition: @Sendable (SocketModeHealth.State) -> Bool) async throws -> SocketModeHealth.State {
        var state = SocketModeHealth.State()
        try await until("the connections are as they should be") {
            state = await omni.health.report().slack ?? state
            return condition(state)
        }
        return state
    }

    /// Returns when `condition` holds: `eventually` with the limit for a whole process, a minute.
    func until(
        _ what: String, fileID: String = #fileID, line: Int = #line, _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(what, within: .seconds(60), fileID: fileID, line: line, condition)
    }

    /// Returns when an ephemeral message to this user contains the text.
    func isTold(_ person: String, _ text: String) async throws {
        try await until("\(person) is told: \(text)") {
            emulator.ephemerals(person).contains { emulator.messageText($0).contains(text) }
        }
    }

    /// Omni's final messages in a thread (no progress messages, no open streams).
    func answers(_ channel: String, _ root: String) -> [EmulatedMessage] {
        emulator.thread(channel, root).filter {
            $0.botID != nil && $0.ts != root && $0.isFinal
        }
    }
}

extension EmulatedMessage {
    /// Whether it is neither a progress message nor an open stream.
    var isFinal: Bool { !isStreaming && !text.hasPrefix(":hourglass_flowing_sand:") }
}
