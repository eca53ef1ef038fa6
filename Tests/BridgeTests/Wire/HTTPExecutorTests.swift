import Bridge
import Glibc
import TestKit
import Testing

@Suite("Tasks on the client's thread", .timeLimit(.minutes(2)))
struct HTTPExecutorTests {
    private static var thread: pthread_t { pthread_self() }

    @Test("run on one thread with their children, and go on there after a response")
    func oneThread() async throws {
        try await withHTTPPeer { peer, client, _ in
            let threads = try await client.host {
                try await withThrowingTaskGroup(of: [pthread_t].self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            let before = Self.thread
                            _ = try await client.send(HTTPRequest("GET", peer.url("/echo"))).collect(upTo: 10_000)
                            return [before, Self.thread]
                        }
                    }
                    return try await group.reduce(into: Set<pthread_t>()) { $0.formUnion($1) }
                }
            }
            #expect(threads.count == 1)
            #expect(!threads.contains(Self.thread))
        }
    }

    @Test("go on elsewhere when the client was shut down, as do those that begin then")
    func afterShutdown() async throws {
        try await withClient { client in
            let sum = try await client.host {
                await client.shutdown()
                return await withTaskGroup(of: Int.self) { group in
                    for number in 1...10 {
                        group.addTask {
                            await Task.yield()
                            return number
                        }
                    }
                    return await group.reduce(0, +)
                }
            }
            #expect(sum == 55)
        }
    }

    @Test("sleep there, and come back to it from a duty that cancellation does not reach")
    func sleepsAndDuties() async throws {
        try await withClient { client in
            let threads = try await client.host {
                try await withThrowingTaskGroup(of: [pthread_t].self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let before = Self.thread
                            try await AlarmClock.sleep(for: .milliseconds(number))
                            let duty = await Shield.run {
                                try? await AlarmClock.sleep(for: .milliseconds(number))
                                return Self.thread
                            }
                            return [before, duty, Self.thread]
                        }
                    }
                    return try await group.reduce(into: Set<pthread_t>()) { $0.formUnion($1) }
                }
            }
            #expect(threads.count == 1)
        }
    }

    @Test("wake although the client was shut down while they slept")
    func sleepAcrossShutdown() async throws {
        try await withClient { client in
            let woken = try await client.host {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask { try await AlarmClock.sleep(for: .milliseconds(50 * number)) }
                    }
                    await client.shutdown()
                    return try await group.reduce(0) { count, _ in count + 1 }
                }
            }
            #expect(woken == 20)
        }
    }
}
