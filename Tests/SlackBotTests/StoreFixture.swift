import Analytics
import Bridge
import Foundation
import TestKit

/// Stores over one empty SQLite database, as several processes have them.
enum StoreFixture {
    /// Runs the body with `count` stores, and closes them afterwards. The body may close one itself.
    static func run(_ count: Int = 1, _ body: ([Store]) async throws -> Void) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = temporary.url
        var stores: [Store] = []
        var failure: (any Error)?
        do {
            for _ in 0..<count { stores.append(try await Store.open(.sqlite(folder.appending(path: "omni.db").path))) }
            try await body(stores)
        } catch {
            failure = error
        }
        for store in stores { await store.close() }
        if let failure { throw failure }
    }
}
