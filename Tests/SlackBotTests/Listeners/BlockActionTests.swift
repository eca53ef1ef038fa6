import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("What a press of a button means")
struct BlockActionTests {
    /// A press in a thread, with members that Omni does not read.
    private static let press: JSONValue = [
        "type": "block_actions", "team": ["id": "T1", "domain": "acme"], "user": ["id": "U1", "team_id": "T2"],
        "container": [
            "type": "message", "message_ts": "20.000002", "channel_id": "C1", "is_ephemeral": false,
            "thread_ts": "10.000001",
        ],
        "channel": ["id": "C1", "name": "ops"], "trigger_id": "1.2.x", "state": ["values": [:]],
        "response_url": "https://hooks.slack.com/actions/1",
        "actions": [
            [
                "type": "button", "action_id": "omni_choice_1", "block_id": "omni_choice", "value": "a b 1",
                "text": ["type": "plain_text", "text": "test"], "action_ts": "21.5",
            ]
        ],
    ]

    /// The press with another value at a path of keys; nil removes the member.
    private func press(_ path: [String], _ value: JSONValue?) -> JSONValue {
        func changed(_ json: JSONValue, _ path: ArraySlice<String>) -> JSONValue? {
            guard let key = path.first else { return value }
            if let array = json.array { return .array(array.map { changed($0, path) ?? .null }) }
            var object = json.object ?? [:]
            object[key] = changed(object[key] ?? [:], path.dropFirst())
            return .object(object)
        }
        return changed(Self.press, path[...]) ?? .null
    }

    @Test("a press in a thread says who pressed which button of which message")
    func inThread() throws {
        let action = try #require(BlockAction(Self.press))
        #expect(action.user == "U1" && action.team == "T1")
        #expect(action.channel == "C1" && action.message == "20.000002" && action.thread == "10.000001")
        #expect(action.actionID == "omni_choice_1" && action.blockID == "omni_choice" && action.value == "a b 1")
        #expect(action.triggerID == "1.2.x" && action.time == Date(timeIntervalSince1970: 21.5))
        #expect(action.responseURL.revealed == "https://hooks.slack.com/actions/1")
    }

    @Test("outside threads there is no thread; without a workspace of the payload it is the user's")
    func otherPlaces() throws {
        let outside = try #require(BlockAction(press(["container", "thread_ts"], nil)))
        #expect(outside.thread == nil && outside.message == "20.000002")
        let organisation = try #require(BlockAction(press(["team"], .null)))
        #expect(organisation.team == "T2")
    }

    @Test(
        "a press without one of its fields is none",
        arguments: [
            ["user", "id"], ["container", "channel_id"], ["container", "message_ts"], ["trigger_id"], ["response_url"],
            ["actions"], ["actions", "action_id"], ["actions", "block_id"], ["actions", "value"],
        ])
    func incomplete(path: [String]) {
        for value in [nil, 5, .null, []] as [JSONValue?] {
            #expect(BlockAction(press(path, value)) == nil)
        }
    }

    @Test("an action on a view is none")
    func view() {
        let payload = press(["container"], ["type": "view", "view_id": "V1"])
        #expect(BlockAction(payload) == nil)
    }
}
