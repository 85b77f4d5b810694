using System.Runtime.InteropServices;

namespace FastSni.Linux;

/// <summary>The program's file as it is mapped into the process (elf(5)).</summary>
public static unsafe class ProgramImage
{
    private const ulong AtProgramHeaders = 3, AtProgramHeaderCount = 5;     // getauxval(3)
    private const uint LoadedSegment = 1, HeaderSegment = 6, Writable = 2;
    private const int DontNeed = 4;     // madvise(2)

    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramHeader
    {
        internal uint Type, Flags;
        internal ulong Offset, Address, PhysicalAddress, FileBytes, MemoryBytes, Alignment;
    }

    /// <summary>
    /// Lets go of all code and constants: they count as the process's until they are, and what only a start needed would for ever. The kernel still has
    /// the file in its cache, and maps again what is used again.
    /// </summary>
    /// <returns>Bytes of the mappings; 0 where the image can't be told.</returns>
    public static long Release()
    {
        var headers = (ProgramHeader*)Sys.AuxiliaryValue(AtProgramHeaders);
        int count = (int)Sys.AuxiliaryValue(AtProgramHeaderCount);
        ulong page = (ulong)Environment.SystemPageSize, start = 0;
        long released = 0;
        // SAFETY: the kernel's own word for where this program's headers lie; they are part of its first segment.
        for (int i = 0; i < count; i++)
        {
            if (headers[i].Type == HeaderSegment)
                start = (ulong)headers - headers[i].Address;
        }
        for (int i = 0; i < count && start != 0; i++)
        {
            ref ProgramHeader header = ref headers[i];
            if (header.Type != LoadedSegment || (header.Flags & Writable) != 0)
                continue;
            ulong first = (start + header.Address + page - 1) & ~(page - 1), end = (start + header.Address + header.MemoryBytes) & ~(page - 1);
            // SAFETY: whole pages of a segment that nobody can have written: the next access reads the same from the file.
            if (end > first && Sys.Advise((void*)first, (nuint)(end - first), DontNeed) == 0)
                released += (long)(end - first);
        }
        return released;
    }
}
