import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("Questions in flight", .timeLimit(.minutes(1)))
struct InFlightQuestionsTests {
    @Test("callers above the limit are refused; questions of the dispatcher do not count")
    func room() async throws {
        let inFlight = InFlightQuestions(callerLimit: 2)
        let callers = [ULID(), ULID()]
        for _ in 0..<3 { #expect(inFlight.begin(ULID())) }
        for id in callers { try inFlight.beginForCaller(id) }
        #expect(inFlight.count == 5 && inFlight.countWithoutCaller == 3)
        #expect(throws: TooManyCallers.self) { try inFlight.checkRoom() }
        await #expect(throws: TooManyCallers.self) { try await inFlight.run(ULID()) { 7 } }
        #expect(!inFlight.end(callers[0]))
        #expect(try await inFlight.run(ULID()) { 7 } == 7)
        #expect(inFlight.count == 4)
    }

    @Test("a caller's question that another process has claimed is cancelled, and its caller gets its result")
    func lost() async throws {
        let inFlight = InFlightQuestions()
        let id = ULID()
        let heard = try await inFlight.run(id) { () -> String in
            inFlight.claim(id)
            inFlight.lose(id)
            try? await Task.sleep(for: .seconds(600))
            return Task.isCancelled ? "cancelled" : "slept"
        }
        #expect(heard == "cancelled")
        #expect(inFlight.count == 0)
    }

    @Test("a question that is stopped is cancelled, once it is claimed; the first request counts")
    func stopped() async throws {
        let inFlight = InFlightQuestions()
        let (id, requests) = (ULID(), ["U1", "U2"].map { StopRequest(.requested, by: $0, email: "") })
        #expect(inFlight.begin(id))
        #expect(!inFlight.stop(id, requests[0]) && !inFlight.stop(ULID(), requests[0]))
        inFlight.claim(id)
        let ended = await inFlight.untilStopped(id) { () -> Bool in
            for request in requests { #expect(inFlight.stop(id, request)) }
            try? await Task.sleep(for: .seconds(600))
            return Task.isCancelled
        }
        #expect(ended && inFlight.stopRequest(id) == requests[0])
        _ = inFlight.end(id)
        #expect(inFlight.stopRequest(id) == nil)
    }

    @Test("a question that is stopped or lost before its answering begins is cancelled when it begins")
    func endedEarly() async {
        let (inFlight, ids) = (InFlightQuestions(), [ULID(), ULID()])
        for id in ids {
            #expect(inFlight.begin(id))
            inFlight.claim(id)
        }
        #expect(inFlight.stop(ids[0], StopRequest(.requested, by: "U1", email: "")))
        inFlight.lose(ids[1])
        let work = { @Sendable () -> Bool in
            try? await Task.sleep(for: .seconds(600))
            return Task.isCancelled
        }
        #expect(await inFlight.untilStopped(ids[0], work))
        #expect(await inFlight.untilLost(ids[1], work))
        #expect(await inFlight.untilLost(ids[0]) { !Task.isCancelled }, "a stop is no loss")
    }

    @Test("a shutdown waits for callers, then cancels their questions and begins no other")
    func closed() async throws {
        let inFlight = InFlightQuestions()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let carried = Task {
            try await inFlight.run(ULID()) { () -> Bool in
                begin.finish()
                try? await Task.sleep(for: .seconds(600))
                return Task.isCancelled
            }
        }
        for await _ in begun {}
        await inFlight.drain(within: .milliseconds(20))
        #expect(inFlight.count == 1)
        #expect(inFlight.begin(ULID()), "the dispatcher ends what it has begun")
        inFlight.close()
        #expect(try await carried.value)
        #expect(inFlight.count == 1)
        await #expect(throws: Stopping.self) { try await inFlight.run(ULID()) { 7 } }
    }

    @Test("the end of a caller's question reports no blocked question of a thread, and clears none")
    func waking() throws {
        let inFlight = InFlightQuestions()
        let (caller, first, second) = (ULID(), ULID(), ULID())
        for id in [first, second] { #expect(inFlight.begin(id)) }
        inFlight.block(second)
        #expect(!inFlight.end(second))
        try inFlight.beginForCaller(caller)
        #expect(!inFlight.end(caller))
        #expect(inFlight.end(first))
    }
}
