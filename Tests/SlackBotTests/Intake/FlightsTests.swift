import Bridge
import Testing

@testable import SlackBot

@Suite("The questions in the air", .timeLimit(.minutes(1)))
struct FlightsTests {
    @Test("more callers than there is room for are turned away; the desk's questions take none of it")
    func room() async throws {
        let flights = Flights(callerLimit: 2)
        let callers = [ULID(), ULID()]
        for _ in 0..<3 { #expect(flights.begin(ULID())) }
        for id in callers { try flights.admit(id) }
        #expect(flights.count == 5 && flights.countWithoutCaller == 3)
        #expect(throws: TooManyCallers.self) { try flights.checkRoom() }
        await #expect(throws: TooManyCallers.self) { try await flights.carry(ULID()) { 7 } }
        #expect(!flights.end(callers[0]))
        #expect(try await flights.carry(ULID()) { 7 } == 7)
        #expect(flights.count == 4)
    }

    @Test("a caller's question that another process has is cancelled, and its own end is what its caller hears")
    func lost() async throws {
        let flights = Flights()
        let id = ULID()
        let heard = try await flights.carry(id) { () -> String in
            flights.claim(id)
            flights.lose(id)
            try? await Task.sleep(for: .seconds(600))
            return Task.isCancelled ? "cancelled" : "slept"
        }
        #expect(heard == "cancelled")
        #expect(flights.count == 0)
    }

    @Test("a stop waits for callers, then ends their questions and begins no other")
    func closed() async throws {
        let flights = Flights()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let carried = Task {
            try await flights.carry(ULID()) { () -> Bool in
                begin.finish()
                try? await Task.sleep(for: .seconds(600))
                return Task.isCancelled
            }
        }
        for await _ in begun {}
        await flights.settle(within: .milliseconds(20))
        #expect(flights.count == 1)
        #expect(flights.begin(ULID()), "what the desk has begun is its own to end")
        flights.close()
        #expect(try await carried.value)
        #expect(flights.count == 1)
        await #expect(throws: Stopping.self) { try await flights.carry(ULID()) { 7 } }
    }

    @Test("the end of a caller's question wakes no question of a thread, and takes no waking from one")
    func waking() throws {
        let flights = Flights()
        let (caller, first, second) = (ULID(), ULID(), ULID())
        for id in [first, second] { #expect(flights.begin(id)) }
        flights.block(second)
        #expect(!flights.end(second))
        try flights.admit(caller)
        #expect(!flights.end(caller))
        #expect(flights.end(first))
    }
}
