import Foundation
import TestKit
import Testing

@testable import Analytics

/// The two databases on which the tests of the store run.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case sqlite, postgres

    var testDescription: String { rawValue }

    /// The location of a new, empty store.
    func location() async throws -> StoreLocation {
        switch self {
        case .sqlite:
            .sqlite(FileManager.default.temporaryDirectory.appending(path: "omni-\(UUID().uuidString)/omni.db").path)
        case .postgres:
            try StoreLocation(databaseURL: try await PrivatePostgres.database(), dataFolder: "")
        }
    }

    /// Runs the body with an empty, migrated store and closes it.
    func withStore(_ body: (Store) async throws -> Void) async throws {
        try await withStores(1) { try await body($0[0]) }
    }

    /// Runs the body with several stores over one database, as several processes have them.
    func withStores(_ count: Int, _ body: ([Store]) async throws -> Void) async throws {
        let location = try await location()
        var stores: [Store] = []
        var failure: (any Error)?
        do {
            for _ in 0..<count { stores.append(try await Store.open(location)) }
            try await body(stores)
        } catch {
            failure = error
        }
        for store in stores { await store.close() }
        if case .sqlite(let path) = location {
            try? FileManager.default.removeItem(at: URL(fileURLWithPath: path).deletingLastPathComponent())
        }
        if let failure { throw failure }
    }
}
