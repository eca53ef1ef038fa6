import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("The audit key", .timeLimit(.minutes(3)))
struct AuditKeyTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try body(folder.path)
    }

    @Test("the key file is made once, for its owner only")
    func file() throws {
        try withFolder { folder in
            #expect(try AuditKey.load(variable: nil, dataFolder: folder, making: false) == nil)
            let first = try #require(try AuditKey.load(variable: nil, dataFolder: folder, making: true))
            let second = try #require(try AuditKey.load(variable: nil, dataFolder: folder, making: true))
            #expect(first.id == second.id && first.id.count == 16 && !first.isFromEnvironment)
            let path = "\(folder)/keys/audit.ed25519"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/keys") == ["audit.ed25519"])

            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let error = #expect(throws: StoreError.self) {
                _ = try AuditKey.load(variable: nil, dataFolder: folder, making: true)
            }
            #expect(error?.message.contains("chmod 600") == true)
        }
    }

    @Test("a value that is no key is an error that does not contain it", arguments: ["c2hvcnQ=", "no base64"])
    func badValue(_ value: String) {
        let error = #expect(throws: StoreError.self) {
            _ = try AuditKey.load(variable: Secret(value), dataFolder: "", making: true)
        }
        #expect(error?.message.contains("OMNI_AUDIT_KEY") == true && error?.message.contains(value) == false)
    }

    @Test("a key file of another process does not seal on PostgreSQL, a new OMNI_AUDIT_KEY replaces the key")
    func replaced() async throws {
        try await Backend.postgres.withStore { store in
            let (own, other) = (try ProofSamples.key(1), try ProofSamples.key(2))
            try await store.ended(1)
            _ = try await store.sealAudit(key: own)
            try await store.ended(1)
            let refused = await #expect(throws: StoreError.self) { _ = try await store.sealAudit(key: other) }
            #expect(refused?.code == .auditKey && refused?.message.contains("OMNI_AUDIT_KEY") == true)
            #expect(try await store.auditKeyProblem(nil) != nil)
            #expect(try await store.auditKeyProblem(own) == nil)

            let new = try ProofSamples.key(3, isFromEnvironment: true)
            #expect(try await store.sealAudit(key: new).sealed == 1)
            #expect(try await store.findings(new) == [])
            try await store.ended(1)
            let former = await #expect(throws: StoreError.self) { _ = try await store.sealAudit(key: own) }
            #expect(former?.message.contains("was replaced") == true)
        }
    }

    @Test("a head that another key signed is found", arguments: Backend.allCases)
    func foreignHead(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let (own, thief) = (
                try ProofSamples.key(1, isFromEnvironment: true), try ProofSamples.key(2, isFromEnvironment: true)
            )
            try await store.ended(2)
            _ = try await store.sealAudit(key: own)
            try await store.database.write { try Store.adopt(thief, on: $0) }
            let head = try #require(try await store.verifyAudit().lastHead)
            let forged = try AuditHead(day: head.day, seq: head.seq, hash: head.hash, key: thief)
            try await store.tamper(
                "UPDATE audit_heads SET signature = '\(forged.signature)', key_id = '\(forged.keyID)'")
            #expect(try await store.findings(own) == ["unknown_key"])
        }
    }

    @Test("a record of a removal that another key signed is found", arguments: Backend.allCases)
    func foreignRemoval(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let (own, thief) = (
                try ProofSamples.key(1, isFromEnvironment: true), try ProofSamples.key(2, isFromEnvironment: true)
            )
            try await store.ended(3)
            let sealed = try await store.sealAudit(key: own)
            let head = try #require(sealed.head)
            try await store.database.write { connection in
                try Store.adopt(thief, on: connection)
                let rows = try connection.query(
                    "SELECT chain_day, seq, prev_hash, hash FROM audit_logs WHERE seq = 2", [])
                try Store.record(removed: rows, thief, on: connection)
                try connection.script("DELETE FROM audit_logs WHERE seq = 2")
            }
            #expect(try await store.findings(own) == ["removal_changed 2...2"])
            try await store.database.write { connection in
                try connection.script("DELETE FROM audit_logs")
                try Store.record(removedDay: head.day, thief, on: connection)
            }
            #expect(try await store.findings(own) == ["removal_changed"])
        }
    }
}
