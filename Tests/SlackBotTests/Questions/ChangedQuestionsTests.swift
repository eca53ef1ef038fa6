import Analytics
import Bridge
import Foundation
import Logging
import Testing

@testable import SlackBot

@Suite("Edits and deletions of a message whose question is not answered yet", .timeLimit(.minutes(3)))
struct ChangedQuestionsTests {
    @Test("of several edits the last one is answered, in whatever order and however often they arrive")
    func order() async throws {
        try await ChangedMessage.run { message in
            try await message.ask("first")
            try await message.change("third", at: "30.000001")
            #expect(try await message.going == ["third"])
            try await message.change("second", at: "20.000001")
            #expect(try await message.going == ["third"])
            try await message.change("fourth", at: "40.000001")
            for _ in 0..<2 { try await message.change("third", at: "30.000001") }
            #expect(try await message.going == ["fourth"])
            #expect(try await message.asked() == 3)
            try await message.change(nil, at: "50.000001")
            #expect(try await message.going.isEmpty)
        }
    }

    @Test("of edits that are handled at the same time the last one is answered", arguments: 0..<10)
    func atOnce(round: Int) async throws {
        try await ChangedMessage.run { message in
            try await message.ask("first")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in [20, 30, 40] {
                    group.addTask { try await message.change("at \(number)", at: "\(number).000001") }
                }
                try await group.waitForAll()
            }
            #expect(try await message.going == ["at 40"])
        }
    }

    @Test("an automatic answer does not become a question to the model by an edit")
    func automatic() async throws {
        try await ChangedMessage.run { message in
            try await message.ask("where is the wiki", fixedAnswer: "Here.")
            try await message.change("where is the handbook", at: "20.000001")
            #expect(try await message.going == ["where is the wiki"])
            try await message.change(nil, at: "30.000001")
            #expect(try await message.going.isEmpty)
        }
    }
}

/// A message whose question is accepted, edited and deleted.
private struct ChangedMessage {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")

    private let store: Store
    private let changed: ChangedQuestions
    private let acceptor: QuestionAcceptor

    private init(_ store: Store, _ http: HTTPClient) {
        let (signal, unused) = (WorkSignal(), Secret("unused"))
        let api = SlackAPI(
            baseURL: "http://127.0.0.1:1/api/", botToken: unused, appToken: unused, http: http, logger: Self.logger)
        self.store = store
        acceptor = QuestionAcceptor(
            store: store, workSignal: signal, otherProcess: OtherProcess(api: api, logger: Self.logger))
        let stops = QuestionStops(
            store: store, inFlight: InFlightQuestions(), workSignal: signal, logger: Self.logger)
        changed = ChangedQuestions(acceptor: acceptor, stops: stops, deferred: DeferredWork(), logger: Self.logger)
    }

    static func run(_ body: (ChangedMessage) async throws -> Void) async throws {
        let http = HTTPClient(logger: logger)
        let result = await Result<Void, any Error> {
            try await StoreFixture.run { try await body(ChangedMessage($0[0], http)) }
        }
        await http.shutdown()
        try result.get()
    }

    func ask(_ text: String, fixedAnswer: String? = nil) async throws {
        let question = SlackQuestion(
            kind: fixedAnswer == nil ? .mention : .automatic, originKey: "T1:C1:10.000001", team: "T1", user: "U1",
            channel: "C1", channelName: nil, text: text, ts: "10.000001", threadTS: nil, responseURL: nil,
            isExternallyShared: false, fixedAnswer: fixedAnswer)
        #expect(try await acceptor.accept(question))
    }

    /// - Parameter text: nil for a deletion.
    func change(_ text: String?, at time: String) async throws {
        func message(_ text: String) -> JSONValue { ["user": "U1", "ts": "10.000001", "text": .string(text)] }
        var event: JSONValue = ["channel": "C1", "ts": .string(time), "previous_message": message("before")]
        if let text {
            (event["subtype"], event["message"]) = ("message_changed", message(text))
        } else {
            event["subtype"] = "message_deleted"
        }
        let change = MessageChange(event, team: "T1", bot: Self.bot, mentions: SlackSettings.Mentions())
        await changed.apply(try #require(change))
    }

    /// The texts of the questions that go on.
    var going: [String] {
        get async throws {
            try await store.unended(inThread: "T1:C1:10.000001").filter { $0.stop == nil }.map(\.text)
        }
    }

    func asked() async throws -> Int { try await store.unended(inThread: "T1:C1:10.000001").count }
}
