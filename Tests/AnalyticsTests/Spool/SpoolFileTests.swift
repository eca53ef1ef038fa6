import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("The spool's file", .timeLimit(.minutes(3)))
struct SpoolFileTests {
    @Test("a question written just after the spool was emptied is not deleted with the file")
    func justWritten() async throws {
        let parent = try TemporaryFolder()
        defer { parent.remove() }
        let folder = parent.url.appending(path: "spool").path
        let file = SpoolFile(folder: folder, logger: SpoolFixture.quiet)
        let new = NewQuestion(Samples.question(), origin: Samples.origin)
        let id = new.question.id
        _ = try await file.use { try await $0.write { try Store.accept(new, on: $0) } }
        // The row is not counted yet, so that the caller takes the spool for empty.
        await file.remove { true }
        let found = try await file.use { try await $0.read { try Store.question(id, on: $0) } }
        #expect(found?.id == id)
        try await file.use { try await $0.write { try SpooledRows.remove(id, on: $0) } }
        await file.remove { true }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        await file.close()
    }
}
