import Analytics
import Bridge
import Foundation
import TestKit

/// Stores over one empty database, as several processes have them.
enum StoreFixture {
    enum Backend: String, CaseIterable, Sendable { case sqlite, postgres }

    /// Runs the body with `count` stores, and closes them afterwards. The body may close one itself.
    static func run(
        _ count: Int = 1, on backend: Backend = .sqlite, _ body: ([Store]) async throws -> Void
    ) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let url = backend == .postgres ? try await PrivatePostgres.database() : nil
        let location = try StoreLocation(databaseURL: url, dataFolder: temporary.url.path())
        var stores: [Store] = []
        var failure: (any Error)?
        do {
            for _ in 0..<count { stores.append(try await Store.open(location)) }
            try await body(stores)
        } catch {
            failure = error
        }
        for store in stores { await store.close() }
        if let failure { throw failure }
    }
}
