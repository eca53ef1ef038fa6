import Bridge
import Logging
import Testing

@testable import SlackBot

@Suite("Which listener an envelope reaches")
struct ListenerTableTests {
    private struct Fixed: Listener {
        let keys: [ListenerKey]
        let name: String

        func handle(_ envelope: Envelope) async throws -> Acknowledgement {
            if name == "broken" { throw SlackError("internal_error", method: "test") }
            return Acknowledgement(payload: .string(name))
        }
    }

    private func envelope(_ type: String, _ payload: JSONValue) throws -> Envelope {
        try #require(Envelope(["envelope_id": "e", "type": .string(type), "payload": payload]))
    }

    private let table = ListenerTable(
        [
            Fixed(keys: [.event("message"), .event("app_mention")], name: "messages"),
            Fixed(keys: [.command("/omni")], name: "ask"), Fixed(keys: [.action("go")], name: "go"),
            Fixed(keys: [ListenerKey(kind: .suggestion, id: "go")], name: "options"),
            Fixed(keys: [ListenerKey(kind: .submission, id: "form")], name: "form"),
            Fixed(keys: [ListenerKey(kind: .closing, id: "form")], name: "closed"),
            Fixed(keys: [ListenerKey(kind: .shortcut, id: "new")], name: "shortcut"),
            Fixed(keys: [ListenerKey(kind: .messageShortcut, id: "new")], name: "message shortcut"),
            Fixed(keys: [.event("broken")], name: "broken"),
        ], logger: SlackAPIDouble.logger)

    @Test(
        "each kind of envelope is looked up by its own id",
        arguments: [
            ("events_api", #"{"event":{"type":"message"}}"#, "messages"),
            ("events_api", #"{"event":{"type":"app_mention"}}"#, "messages"),
            ("slash_commands", #"{"command":"/omni"}"#, "ask"),
            ("interactive", #"{"type":"block_actions","actions":[{"action_id":"go"}]}"#, "go"),
            ("interactive", #"{"type":"block_suggestion","action_id":"go"}"#, "options"),
            ("interactive", #"{"type":"view_submission","view":{"callback_id":"form"}}"#, "form"),
            ("interactive", #"{"type":"view_closed","view":{"callback_id":"form"}}"#, "closed"),
            ("interactive", #"{"type":"shortcut","callback_id":"new"}"#, "shortcut"),
            ("interactive", #"{"type":"message_action","callback_id":"new"}"#, "message shortcut"),
        ])
    func found(type: String, payload: String, name: String) async throws {
        let acknowledgement = try await table.receive(try envelope(type, try JSONValue(parsing: payload)))
        #expect(acknowledgement.payload == .string(name))
    }

    @Test(
        "an envelope that nothing listens to, or that is malformed, is acknowledged",
        arguments: [
            ("events_api", #"{"event":{"type":"reaction_added"}}"#), ("events_api", #"{"type":"app_rate_limited"}"#),
            ("slash_commands", #"{"command":"/other"}"#), ("slash_commands", "null"),
            ("interactive", #"{"type":"block_actions","actions":[{"action_id":"other"}]}"#),
            ("interactive", #"{"type":"block_actions","actions":[]}"#), ("interactive", #"{"type":"block_actions"}"#),
            ("interactive", #"{"type":"event","event":{"type":"message"}}"#),
            ("interactive", #"{"type":"command","command":"/omni"}"#),
            ("interactive", #"{"type":"view_submission","view":{"callback_id":5}}"#),
            ("interactive", #"{"type":"workflow_step_edit","callback_id":"new"}"#), ("interactive", "[]"),
            ("new_type", #"{"event":{"type":"message"}}"#),
        ])
    func unknown(type: String, payload: String) async throws {
        let acknowledgement = try await table.receive(try envelope(type, try JSONValue(parsing: payload)))
        #expect(acknowledgement == .empty)
    }

    @Test("an envelope whose listener fails is not acknowledged")
    func failed() async throws {
        let envelope = try envelope("events_api", ["event": ["type": "broken"]])
        await #expect(throws: SlackError.self) { try await table.receive(envelope) }
    }
}
