import Bridge
import SlackEmulator
import TestKit
import Testing
import WebSockets

@Suite("The App Home", .timeLimit(.minutes(2)))
struct HomeTests {
    private static let divider: JSONValue = ["type": "divider"]

    private static func publish(_ blocks: [JSONValue] = [divider], _ more: JSONObject = [:]) -> JSONValue {
        let view: JSONObject = ["type": "home", "blocks": .array(blocks)]
        return ["user_id": "U0ANA", "view": .object(view.merging(more) { $1 })]
    }

    private static func section(_ count: Int) -> JSONValue {
        ["type": "section", "text": ["type": "mrkdwn", "text": .string(String(repeating: "x", count: count))]]
    }

    @Test("each opening of a tab is an event; that of the Home tab has the view that was published")
    func opened() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            // Events that happen at once may come in any order.
            func opened(_ person: String, _ tab: String) async throws -> JSONValue? {
                try emulator.openHome(as: person, tab: tab)
                let envelope = try #require(await socket.next("app_home_opened"))
                try await socket.acknowledge(envelope)
                return envelope["payload"]?["event"]
            }
            for tab in ["messages", "home"] {
                let event = try await opened("ana", tab)
                #expect(event?["tab"] == .string(tab) && event?["user"] == "U0ANA" && event?["channel"] == "D0ANA")
                #expect(event?["view"] == nil)
            }
            let published = try await app.call("views.publish", Self.publish()).body
            #expect(published["ok"] == true && published["view"]?["hash"]?.string != nil)
            let again = try await opened("ana", "home")
            #expect(again?["view"] == published["view"])
            let other = try await opened("ben", "home")
            #expect(other?["user"] == "U0BEN" && other?["view"] == nil)
        }
    }

    private static let refused: [(JSONValue, String, String)] = [
        (publish([JSONValue](repeating: divider, count: 101)), "invalid_arguments", "/view/blocks"),
        (publish([section(3_001)]), "invalid_arguments", "/view/blocks/0/text/text"),
        (publish([["type": "section"]]), "invalid_arguments", "/view/blocks/0"),
        (publish([["type": "markdown", "text": "x"]]), "invalid_arguments", "/view/blocks/0/type"),
        (
            publish([["type": "divider", "block_id": "a"], ["type": "divider", "block_id": "a"]]), "invalid_arguments",
            "/view/blocks/1/block_id"
        ),
        (publish([divider], ["title": ["type": "plain_text", "text": "Home"]]), "invalid_arguments", "/view"),
        (
            publish([divider], ["private_metadata": .string(String(repeating: "x", count: 3_001))]),
            "invalid_arguments", "/view/private_metadata"
        ),
        (publish([divider], ["type": "modal"]), "invalid_arguments", "/view/type"),
        (publish([JSONValue](repeating: section(2_990), count: 90)), "view_too_large", ""),
        (["user_id": "U0NOBODY", "view": publish()["view"] ?? .null], "user_not_found", ""),
        (["user_id": "U0ANA"], "invalid_arguments", ""),
    ]

    @Test("a view outside Slack's limits is refused and changes nothing; one at the limits is shown")
    func limits() async throws {
        try await withWorkspace { emulator, app, _ in
            for (arguments, error, pointer) in Self.refused {
                let body = try await app.call("views.publish", arguments).body
                #expect(body["error"] == .string(error), "\(pointer)")
                let messages = (body["response_metadata"]?["messages"]?.array ?? []).compactMap(\.string)
                #expect(
                    pointer.isEmpty || messages.contains { $0.hasSuffix("[json-pointer:\(pointer)]") }, "\(messages)")
            }
            #expect(emulator.snapshot.home("ana") == nil)
            let most = Self.publish([JSONValue](repeating: Self.section(2_400), count: 100))
            #expect(try await app.error("views.publish", most) == "ok")
            #expect(emulator.snapshot.home("ana")?["blocks"]?.array?.count == 100)
        }
    }

    @Test("with the hash of an older view the newer one stays")
    func conflict() async throws {
        try await withWorkspace { emulator, app, _ in
            let first = try await app.call("views.publish", Self.publish()).body["view"]?["hash"]
            #expect(try await app.error("views.publish", Self.publish([Self.section(1)])) == "ok")
            var stale = Self.publish([Self.section(2)])
            stale["hash"] = first
            #expect(try await app.error("views.publish", stale) == "hash_conflict")
            #expect(emulator.snapshot.home("ana")?["blocks"]?[0]?["text"]?["text"] == "x")
        }
    }
}
