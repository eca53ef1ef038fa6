import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("Tool calls of an answer", .timeLimit(.minutes(5)))
struct ToolCallTests {
    @Test("results are in the order of the calls whichever ends first, and no more run at once than allowed")
    func parallel() async throws {
        struct Flow { var running = 0, most = 0, begun = 0, hasFirst = false }
        let flow = NIOLockedValueBox(Flow())
        let shop = FakeShop.with("look") { arguments in
            flow.withLockedValue {
                $0.running += 1
                $0.begun += 1
                $0.most = max($0.most, $0.running)
                if arguments["n"]?.int == 1 { $0.hasFirst = true }
            }
            defer { flow.withLockedValue { $0.running -= 1 } }
            if arguments["n"]?.int == 1 {
                // The first call ends last: it waits until the last one has begun.
                try await eventually("the sixth begins") { flow.withLockedValue { $0.begun == 6 } }
            } else {
                // The first call may begin later than others, whose tasks are made after its own.
                try await eventually("the first begins") { flow.withLockedValue { $0.hasFirst } }
            }
            return .text("n=\(arguments["n"]?.int ?? 0)")
        }
        let calls = (1...6).map { number in
            ModelToolCall(id: "c\(number)", wireName: "shop__look", input: ["n": .int(Int64(number))])
        }
        var fixture = AgentFixture(
            [.turn(.scripted(calls: calls)), .calls("shop__look", ids: ["d"]), .says("Fine.")], shop)
        fixture.limits.parallelTools = 2
        let outcome = try await fixture.answer()
        #expect(outcome.answered?.text == "Fine.")
        let results = fixture.model.requests[1].lastResults
        #expect(results.map(\.callID) == calls.map(\.id))
        #expect(results.map(\.result.text) == (1...6).map { "n=\($0)" })
        #expect(flow.withLockedValue { $0.most } == 2)
        #expect(outcome.usage.calls.map(\.id) == calls.map(\.id) + ["d"])
        #expect(fixture.model.requests.count == 3)
    }

    @Test("a reader is not offered a forbidden tool, and a call that names it is not made")
    func denied() async throws {
        let shop = FakeShop.answering("drop_index", "list_indexes")
        let fixture = AgentFixture([.calls("shop__drop_index"), .says("I may not.")], shop)
        let outcome = try await fixture.answer(AgentFixture.question(by: AgentFixture.person("read_only")))
        for request in fixture.model.requests {
            #expect(request.tools.map(\.wireName) == ["shop__list_indexes"])
            #expect(!request.system.contains("drop_index"))
            #expect(!request.spoken.joined().contains("drop_index"))
        }
        #expect(shop.calls.isEmpty)
        let activity = try #require(outcome.usage.calls.first)
        #expect(activity.outcome == .denied)
        #expect(activity.verdict.step == .role)
        #expect(activity.verdict.rule.line == 4)
        let result = try #require(fixture.model.requests[1].lastResults.first)
        #expect(result.result.isError && result.tool == nil)
        #expect(result.result.text.contains("the role read_only may not use it"))
        #expect(fixture.events == ["finished 1 denied", "text I may not."])
        #expect(fixture.journal.steps.allSatisfy { $0.hasPrefix("turn") })
    }

    @Test("a right taken away after the start of the question applies at once")
    func takenAway() async throws {
        let shop = FakeShop.answering("look")
        var fixture = AgentFixture([.calls("shop__look"), .says("No.")], shop)
        var now = AgentFixture.houseRules
        now.blockedTools = [Sourced(try Glob("look"), .builtIn("global.blocked_tools[0]"))]
        fixture.rulesNow = now
        let outcome = try await fixture.answer()
        #expect(fixture.model.requests[0].tools.count == 1)
        #expect(shop.calls.isEmpty)
        #expect(outcome.usage.calls.map(\.verdict.step) == [.blockedTools])
    }

    @Test("a right granted after the start of the question does not apply to it, and deny takes precedence over ask")
    func givenLater() async throws {
        let shop = FakeShop.answering("look")
        var fixture = AgentFixture([.calls("shop__look"), .says("No.")], shop)
        fixture.rules.confirmActions = [Sourced(try Glob("look"), .builtIn("confirm"))]
        fixture.rulesNow = AgentFixture.houseRules
        let asked = try await fixture.answer()
        #expect(asked.usage.calls.map(\.verdict.decision) == [.ask])
        fixture.model = ScriptedModel([.calls("shop__look"), .says("No.")])
        fixture.rulesNow?.blockedTools = [Sourced(try Glob("look"), .builtIn("blocked"))]
        let denied = try await fixture.answer()
        #expect(denied.usage.calls.map(\.verdict.decision) == [.deny])
        #expect(shop.calls.isEmpty)
    }

    @Test("a call that needs approval is refused with that reason when no approval can be asked for")
    func ask() async throws {
        let shop = FakeShop([.init(name: "wipe", annotations: ToolAnnotations(destructive: true)) { _ in .text("") }])
        let fixture = AgentFixture([.calls("shop__wipe"), .says("No.")], shop)
        let outcome = try await fixture.answer()
        #expect(fixture.model.requests[0].tools.isEmpty)
        #expect(outcome.usage.calls.map(\.outcome) == [.denied])
        #expect(outcome.usage.calls[0].verdict.step == .approval)
        #expect(fixture.model.requests[1].lastResults[0].result.text.contains("somebody's approval"))
        #expect(shop.calls.isEmpty)
    }

    @Test("an undeclared role without a list is offered no tool and gets an answer")
    func undeclaredRole() async throws {
        var fixture = AgentFixture([.says("Hello.")], .answering("look"))
        fixture.rules.defaultServers = nil
        let outcome = try await fixture.answer(AgentFixture.question(by: AgentFixture.person("contractor")))
        #expect(outcome.answered?.text == "Hello.")
        #expect(fixture.model.requests[0].tools.isEmpty)
        #expect(fixture.model.requests[0].withheld.map(\.verdict.step) == [.user])
    }

    @Test("an unknown name and an input that is not an object are reported to the model, and no call is made")
    func badCalls() async throws {
        let shop = FakeShop.answering("look")
        let calls = [
            ModelToolCall(id: "a", wireName: "shop__fly", input: [:]),
            ModelToolCall(id: "b", wireName: "shop__look", input: nil),
            ModelToolCall(id: "c", wireName: "shop__look", input: ["x"]),
            ModelToolCall(id: "d", wireName: "shop__look", input: [:]),
        ]
        let fixture = AgentFixture([.turn(.scripted(calls: calls)), .says("Done.")], shop)
        let outcome = try await fixture.answer()
        let results = fixture.model.requests[1].lastResults
        #expect(results.map(\.callID) == ["a", "b", "c", "d"])
        #expect(results.map(\.result.isError) == [true, true, true, false])
        #expect(results[0].result.text.contains("no tool named shop__fly"))
        #expect(results[1].result.text.contains("not a JSON object"))
        #expect(outcome.usage.calls.map(\.id) == ["d"])
        #expect(shop.calls == ["look"])
    }

    @Test("a failed tool is a result for the model and one line in the audit log, and the answer continues")
    func failing() async throws {
        let shop = FakeShop.with("look") { _ in .text("no such table\nline 2", isError: true) }
        let fixture = AgentFixture([.calls("shop__look"), .says("It failed.")], shop)
        let outcome = try await fixture.answer()
        #expect(outcome.answered != nil)
        #expect(outcome.usage.calls.map(\.outcome) == [.failed])
        #expect(outcome.usage.calls[0].error == "no such table line 2")
        let result = fixture.model.requests[1].lastResults[0]
        #expect(result.result.isError)
        #expect(result.tool == ToolName(server: "shop", tool: "look"))
    }

    @Test("a call without a result is unknown when it may have happened, and failed when it cannot have")
    func throwing() async throws {
        struct Strange: Error { let secret = "hunter2" }
        let shop = FakeShop([
            .init(name: "lost") { _ in throw ToolCallError("The connection broke.", mayHaveHappened: true) },
            .init(name: "never") { _ in throw ToolCallError("It cannot be reached.", mayHaveHappened: false) },
            .init(name: "strange") { _ in throw Strange() },
            .init(name: "withdrawn") { _ in throw CancellationError() },
        ])
        let fixture = AgentFixture(
            [.calls("shop__lost", "shop__never", "shop__strange", "shop__withdrawn"), .says("Oh.")], shop)
        let outcome = try await fixture.answer()
        #expect(outcome.usage.calls.map(\.outcome) == [.unknown, .failed, .unknown, .unknown])
        #expect(outcome.usage.calls[0].error == "The connection broke.")
        let texts = fixture.model.requests[1].lastResults.map(\.result.text)
        #expect(texts[0].contains("not known whether it took effect"))
        #expect(texts[1] == "It cannot be reached.")
        #expect(!texts[2].contains("hunter2") && !texts[2].contains("Strange"))
        #expect(fixture.model.requests[1].lastResults.map(\.result.isError) == [true, true, true, true])
    }

    @Test("tools of a server that failed too often are refused with the reason, and the answer continues")
    func unhealthy() async throws {
        let shop = FakeShop.with("look") { _ in throw ToolCallError("It is away.", mayHaveHappened: false) }
        let rounds = (1...7).map { ScriptedModel.Reply.calls("shop__look", ids: ["r\($0)"]) }
        let fixture = AgentFixture(rounds + [.says("The shop is away.")], shop)
        let outcome = try await fixture.answer()
        #expect(outcome.answered?.text == "The shop is away.")
        #expect(outcome.usage.calls.map(\.outcome) == Array(repeating: .failed, count: 7))
        #expect(shop.calls.count == 5)
        #expect(fixture.model.requests[7].lastResults[0].result.text.contains("left alone for a while"))
    }

    @Test("a long result is cut and marked, and its full size is recorded")
    func trimmed() async throws {
        let long = String(repeating: "0123456789\n", count: 100)
        let shop = FakeShop.with("look") { _ in .text(long) }
        var fixture = AgentFixture([.calls("shop__look"), .says("Long.")], shop)
        fixture.limits.resultCharacters = 100
        let outcome = try await fixture.answer()
        let text = fixture.model.requests[1].lastResults[0].result.text
        #expect(text.contains("[cut: 98 of 1100 characters shown; narrow the call"))
        #expect(text.utf8.count < 250)
        #expect(outcome.usage.calls[0].resultBytes == 1100)
    }
}
