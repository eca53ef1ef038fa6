import Bridge
import Foundation
import Logging
import SlackEmulator
import TestKit
import Testing

@testable import Analytics
@testable import SlackBot

/// A caller over HTTP waits for the answer with an open connection.
@Suite("Waiting for an answer over HTTP", .timeLimit(.minutes(10)))
struct CallerScenarios {
    private static func plan(_ model: ModelDouble) -> InProcessBot.Plan {
        var plan = model.plan
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        return plan
    }

    private static func body(_ message: String) -> String {
        #"{"user_id": "ana@acme.example", "message": "\#(message)", "conversation_id": "talk"}"#
    }

    /// A question in the same conversation that does not come over HTTP.
    private static func question(_ text: String, _ questionService: QuestionService) async throws -> Question {
        let ana = try await questionService.users.principal(email: "ana@acme.example")
        return Question(asker: ana, text: text, place: ToolRoutes.place, threadKey: "http:\(ana.email):talk")
    }

    @Test("a second question of a conversation waits for the first, and both are answered")
    func secondQuestion() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(Self.plan(model)) { bot in
                let sidePort = try SidePortClient(bot)
                try await model.script(["text": "The first.", "delay": 2], ["text": "The second."], in: bot)
                async let first = sidePort.post("/chat/ask", Self.body("one?"))
                try await bot.untilWorking()
                let second = try await sidePort.post("/chat/ask", Self.body("two?"))
                let answers = [try await first, second]
                #expect(answers.map(\.status) == [200, 200])
                #expect(answers.map { $0.body["answer"]?.string } == ["The first.", "The second."])
                let rows = try await bot.audit()
                #expect(rows.map(\.message) == ["two?", "one?"])
                #expect(rows.map(\.status) == [.success, .success])
            }
        }
    }

    @Test("a question that times out waiting for its turn is ended; the same request is answered later, once")
    func turnDoesNotCome() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(Self.plan(model)) { bot in
                let sidePort = try SidePortClient(bot)
                try await model.script(["text": "The first.", "delay": 5], ["text": "The second."], in: bot)
                async let first = sidePort.post("/chat/ask", Self.body("one?"))
                try await bot.untilWorking()
                var questionService = bot.omni.app.questionService
                questionService.turnTimeout = .milliseconds(300)
                let impatient = questionService
                let late = try await Self.question("two?", impatient)
                await #expect(throws: ConversationBusy.self) {
                    try await impatient.ask(late, originKey: "http:ana@acme.example:key") { _ in }
                }
                #expect(try await bot.store.question(late.id)?.state == .failed)
                #expect(try await bot.store.unfinished().map(\.text) == ["one?"])
                let key = [(name: "Idempotency-Key", value: "key")]
                let again = try await sidePort.post("/chat/ask", Self.body("two?"), headers: key)
                #expect(again.status == 200)
                #expect(again.body["answer"] == "The second.")
                let once = try await sidePort.post("/chat/ask", Self.body("two?"), headers: key)
                #expect(once.status == 409)
                let found = try await sidePort.get(try #require(once.location))
                #expect(found.status == 200 && found.body["answer"] == "The second.", "found by the key of the request")
                #expect(try await sidePort.get("/chat/questions/\(ULID())").status == 404)
                #expect(try await sidePort.get("/chat/questions/none").status == 404)
                #expect(once.body["error"]?["message"]?.string?.contains("was asked before") == true)
                let answered = try await first
                #expect(answered.status == 200)
                let rows = try await bot.audit()
                #expect(rows.map(\.status) == [.success, .success, .error])
                #expect(rows.last?.errorCode == ErrorCode.deadline.rawValue)
            }
        }
    }

    @Test("the question of a caller that cancels while it waits for its turn is ended as cancelled")
    func goesAway() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(Self.plan(model)) { bot in
                let sidePort = try SidePortClient(bot)
                try await model.script(["text": "The first.", "delay": 4], in: bot)
                async let first = sidePort.post("/chat/ask", Self.body("one?"))
                try await bot.untilWorking()
                let questionService = bot.omni.app.questionService
                let late = try await Self.question("two?", questionService)
                let caller = Task { try await questionService.ask(late) { _ in } }
                try await bot.until("the second is stored") { try await bot.store.unfinished().count == 2 }
                caller.cancel()
                await #expect(throws: (any Error).self) { try await caller.value }
                #expect(try await bot.store.question(late.id)?.state == .cancelled)
                let answered = try await first
                #expect(answered.status == 200)
                #expect(try await bot.audit().map(\.status) == [.success, .warning])
            }
        }
    }

    @Test("the first lease of a caller's question is short, so that one that is left does not block its conversation")
    func firstLease() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(Self.plan(model)) { bot in
                let sidePort = try SidePortClient(bot)
                try await model.script(["text": "The first.", "delay": 2], in: bot)
                async let first = sidePort.post("/chat/ask", Self.body("one?"))
                try await bot.until("the question is claimed") { try await bot.leases(longerThan: 0) == 1 }
                #expect(try await bot.leases(longerThan: 10_000) == 0)
                let answered = try await first
                #expect(answered.status == 200)
            }
        }
    }

    @Test("a question above the limit is refused with 429, and accepted when there is room")
    func tooMany() async throws {
        var plan = InProcessBot.Plan()
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        try await InProcessBot.run(plan) { bot in
            let sidePort = try SidePortClient(bot)
            let inFlight = bot.omni.app.inFlight
            let others = (0..<InFlightQuestions.callerLimit).map { _ in ULID() }
            for id in others { try inFlight.beginForCaller(id) }
            do {
                // The shutdown would wait for these questions.
                defer { for id in others { _ = inFlight.end(id) } }
                let refused = try await sidePort.post("/chat/ask", Self.body("list the services"))
                #expect(refused.status == 429)
                #expect(refused.body["error"]?["code"] == "rate_limited")
                #expect(try await bot.audit().isEmpty)
            }
            #expect(try await sidePort.post("/chat/ask", Self.body("list the services")).status == 200)
        }
    }

    @Test("a user, a conversation or a key longer than the limit is refused with its limit")
    func longNames() async throws {
        var plan = InProcessBot.Plan()
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        try await InProcessBot.run(plan) { bot in
            let sidePort = try SidePortClient(bot)
            let long = String(repeating: "ü", count: 101)
            let fits = String(repeating: "k", count: 200)
            func ask(_ user: String, _ conversation: String, _ key: String) async throws -> SidePortClient.Answer {
                let body: JSONValue = [
                    "user_id": .string(user), "message": "list the services", "conversation_id": .string(conversation),
                ]
                return try await sidePort.post(
                    "/chat/ask", body.text(), headers: [(name: "Idempotency-Key", value: key)])
            }
            let ana = "ana@acme.example"
            let named = try await ask(ana, long, "short")
            #expect(named.status == 400)
            #expect(named.body["error"]?["message"] == #""conversation_id" may have at most 200 bytes."#)
            let keyed = try await ask(ana, "talk", fits + "k")
            #expect(keyed.status == 400)
            #expect(keyed.body["error"]?["message"] == "Idempotency-Key may have at most 200 bytes.")
            #expect(try await ask(String(repeating: "a", count: 300) + "@acme.example", "talk", "k").status == 400)
            #expect(try await ask(ana, fits, fits).status == 200)
            #expect(try await bot.audit().count == 1)
        }
    }

    @Test(
        "an answer that cannot be stored carries a warning, and is refused when audit.required is set",
        arguments: [false, true])
    func notRecorded(isRequired: Bool) async throws {
        var plan = InProcessBot.Plan()
        plan.settings += "audit: {required: \(isRequired)}\n"
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        try await InProcessBot.run(plan) { bot in
            let sidePort = try SidePortClient(bot)
            try await bot.store.database.write { connection in
                try connection.script(
                    """
                    CREATE TRIGGER refuse BEFORE INSERT ON audit_logs
                    BEGIN SELECT RAISE(ABORT, 'the test refuses it'); END
                    """)
            }
            let answer = try await sidePort.post("/chat/ask", Self.body("list the services"))
            #expect(answer.status == (isRequired ? 503 : 200))
            #expect(answer.body["error"]?["code"]?.string == (isRequired ? "store_unavailable" : nil))
            #expect(answer.body["warning"]?.string == (isRequired ? nil : "not_recorded"))
            #expect((answer.body["answer"] == nil) == isRequired)
            #expect(try await bot.audit().isEmpty)
            try await bot.store.database.write { try $0.script("DROP TRIGGER refuse") }
        }
    }

    @Test("an answer to a question that another process has taken over is not a success")
    func takenOver() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(Self.plan(model)) { bot in
                let sidePort = try SidePortClient(bot)
                try await model.script(["text": "Nobody hears this.", "delay": 6], in: bot)
                async let asked = sidePort.post("/chat/ask", Self.body("one?"))
                try await bot.untilWorking()
                try await bot.store.database.write { connection in
                    try connection.script(
                        "UPDATE questions SET epoch = epoch + 1, owner = 'another', lease_until = NULL")
                }
                let answer = try await asked
                #expect(answer.status == 503)
                #expect(answer.body["error"]?["code"] == "interrupted")
                #expect(answer.body["answer"] == nil)
            }
        }
    }
}

/// What happens to waiting callers when their process stops.
@Suite("Waiting for an answer over HTTP while the process stops", .timeLimit(.minutes(10)))
struct StoppedCallerScenarios {
    private static let ask = #"{"user_id": "ana@acme.example", "message": "how is it?"}"#

    /// A client that outlives all processes of the test.
    private static func withClient(_ body: (HTTPClient) async throws -> Void) async throws {
        let http = HTTPClient(logger: Logger(label: "caller", factory: { _ in SwiftLogNoOpLogHandler() }))
        do {
            try await body(http)
        } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
    }

    @Test("a shutdown waits for the answer, and no other process takes the question meanwhile")
    func drained() async throws {
        let database = try await PrivatePostgres.database()
        try await ModelDouble.run { model in
            try await Self.withClient { http in
                var plan = model.plan
                plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
                plan.environment["DATABASE_URL"] = database
                let waiting = LockedBox<Task<SidePortClient.Answer, any Error>?>(nil)
                try await RestartableBot.open(plan) { restartable in
                    try await model.scriptByTurn([["text": "It is well.", "delay": 6]])
                    try await restartable.run("two") { second in
                        try await restartable.run("one", connections: 4) { first in
                            try await first.untilOpen()
                            let sidePort = try SidePortClient(first, over: http)
                            waiting.value = Task { try await sidePort.post("/chat/ask", Self.ask) }
                            try await first.untilWorking()
                        }
                        let answer = try await #require(waiting.value).value
                        #expect(answer.status == 200)
                        #expect(answer.body["answer"] == "It is well.")
                        let rows = try await second.audit()
                        #expect(rows.map(\.status) == [.success])
                    }
                }
            }
        }
    }

    @Test("a question that takes longer than the drain is finished by the next process, where its caller finds it")
    func undrained() async throws {
        try await ModelDouble.run { model in
            try await Self.withClient { http in
                var plan = model.plan
                plan.settings += "\nshutdown: {drain_seconds: 1}\n"
                plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
                let waiting = LockedBox<Task<SidePortClient.Answer, any Error>?>(nil)
                try await RestartableBot.open(plan) { restartable in
                    try await model.scriptByTurn([["text": "Late.", "delay": 5]])
                    try await restartable.run { bot in
                        try await bot.untilOpen()
                        let sidePort = try SidePortClient(bot, over: http)
                        waiting.value = Task { try await sidePort.post("/chat/ask", Self.ask) }
                        try await bot.untilWorking()
                    }
                    let answer = try await #require(waiting.value).value
                    #expect(answer.status == 503)
                    let place = try #require(answer.location)
                    try await restartable.run { bot in
                        try await bot.until("the question is answered") { try await bot.store.unfinished().isEmpty }
                        try await bot.untilOpen()
                        let found = try await SidePortClient(bot, over: http).get(place)
                        #expect(found.status == 200 && found.body["state"] == "answered")
                        #expect(found.body["answer"] == "Late.")
                        let rows = try await bot.audit()
                        #expect(rows.map(\.status) == [.success])
                    }
                }
            }
        }
    }
}

extension InProcessBot {
    /// Returns when a question is in state `working`.
    fileprivate func untilWorking() async throws {
        try await until("a question is under way") {
            try await store.unfinished().contains { $0.state == .working }
        }
    }

    /// The number of questions whose lease runs for longer than this from now.
    fileprivate func leases(longerThan milliseconds: Int64) async throws -> Int {
        try await store.database.autocommit { connection in
            let limit = connection.dialect.now(plus: milliseconds)
            return try connection.query("SELECT id FROM questions WHERE lease_until > \(limit)", []).count
        }
    }

    fileprivate func untilOpen() async throws {
        try await until("the side port is open") { omni.sidePort.bound.withLockedValue { $0 } != nil }
    }
}
