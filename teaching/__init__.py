"""Teaches the network of the encoder ``compact``: a small student that imitates larger networks on unlabelled photos.

Not part of what is installed. Three steps, each of which goes on where it was stopped:

    python -m teaching crops    # views of photos, and what the teachers see in them
    python -m teaching teach    # the student learns to see the same
    python -m teaching export   # the student as ONNX, its numbers in half precision

Needs torch and the extra ``dev``; what is worked on lies in ``bench-results/teaching``. Pictures on transparent grounds
in its folder ``things`` are pasted on some views: for the network that ships these were the 3D emoji of Microsoft (MIT,
``npm pack @lobehub/fluent-emoji-3d``), without the variants of skin.

On Linux, ``MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184`` saves a tenth of the time: memory is
kept instead of being asked for anew at every step.
"""
