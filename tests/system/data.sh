#!/usr/bin/env bash
# saker data: sample, classes, calib, convert, check; what they make, what they refuse.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

# ---- the group ----
saker data
exits 2
silent out
says err "Usage: saker data VERB"
saker data --help
exits 0
silent err
for verb in calib check classes convert sample; do says out "  $verb "; done
for verb in calib check classes convert sample; do
  for how in "data $verb --help" "help data $verb"; do
    # shellcheck disable=SC2086 # several words
    saker $how
    exits 0
    says out "Usage: saker data $verb"
    says out "Examples:"
  done
done
saker --help
says out "data VERB"
saker data calibb
exits 2
says err "unknown command data calibb: did you mean data calib?"
saker dat
exits 2
says err "did you mean data?"
saker data check
exits 2
says err "DATA is missing"
saker data check x.json --decod
exits 2
says err "did you mean --decode?"

# ---- sample ----
saker data sample --out a.png --size 48x64 --seed 5
exits 0
silent out
same "size" 64x48 "$("$FIXTURE" size a.png)"
saker data sample --out b.png --size 48x64 --seed 5
cmp -s a.png b.png || complain "the same seed should give the same picture"
saker data sample --out b.png --size 48x64 --seed 6
if cmp -s a.png b.png; then complain "another seed should give another picture"; fi
saker data sample --out c.jpg
same "default size" 640x640 "$("$FIXTURE" size c.jpg)"
saker data sample
exits 2
says err "--out is missing"
saker data sample --out a.gif
exits 1
says err "a.gif"
saker data sample --out nowhere/a.png
exits 1
says err "try: mkdir -p nowhere"
saker data sample --out x.png --size 16
exits 2
says err "at least 32x32"
saker data sample --out x.png --size 100000
exits 2
says err "each 1 to 8192"

# ---- synth ----
saker data synth --theme signs --out drawn --train 4 --val 2 --size 96x128 --seed 3
exits 0
says out "drawn: 6 pictures"
says out "15 classes"
same "pictures" 4 "$(ls drawn/images/train | wc -l)"
same "size" 128x96 "$("$FIXTURE" size drawn/images/val/signs_val_000000.jpg)"
saker data check drawn/data.yaml
exits 0
saker data synth --theme signs --out drawn-again --train 4 --val 2 --size 96x128 --seed 3 --threads 1
diff -r drawn drawn-again || complain "the same seed should give the same data set, whatever the threads"
saker data synth --theme signs --out coco --train 0 --val 3 --size 64 --to coco
exits 0
saker data check coco/instances_val.json
exits 0
saker data synth --theme signs --out drawn
exits 1
says err "drawn"
says err "it exists"
saker data synth --theme dogs --out dogs
exits 2
says err "signs"
saker data synth
exits 2
says err "--out is missing"
saker data synth --out big --train 0 --val 0
exits 1
says err "1 to 1000000"
saker data synth --out big --train 1000000 --val 1
exits 1
says err "1 to 1000000"
saker data synth --out big --train 99999999999999999999
exits 2
saker data synth --out big --train -1
exits 2
saker data synth --out big --size 8000
exits 1
says err "64 to 4096"
saker data synth --out big --size 0
exits 2
saker data synth --out big --seed -1
exits 2
saker data synth --out big --threads 0
exits 2
missing big
if mount -t tmpfs -o size=200k none "$(mkdir -p full && echo full)" 2>/dev/null; then
  saker data synth --out full/signs --train 200 --val 0 --size 200
  exits 1
  says err "full/signs"
  same "left behind on a full disk" "" "$(ls -A full)"
  umount full
fi

# ---- classes ----
saker data classes
exits 0
same "COCO's names" "80 person toothbrush" "$(wc -l <out) $(head -n 1 out) $(tail -n 1 out)"
saker data classes --count 15 --seed 3 --out 15.txt
exits 0
silent out
same "drawn, the same on every machine" "motorcycle cat elephant bear umbrella" "$(head -n 5 15.txt | xargs)"
same "number of names" 15 "$(wc -l <15.txt)"
printf 'names: [red, green, blue]\n' >names.yaml
saker data classes --from names.yaml
same "names" "red green blue" "$(xargs <out)"
saker data classes --from names.yaml --count 4
exits 1
says err "4 classes are wanted, but there are 3"
saker data classes --from nowhere.yaml
exits 1
says err "nowhere.yaml"
saker data classes --from names.yaml --out names.yaml
exits 2
says err "would overwrite"

# ---- a dataset of 12 pictures: red in all, green in every second, blue in one ----
mkdir set
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do "$FIXTURE" picture set/p$i.png 0 1 1; done
{
  printf '{"images": ['
  for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    [ "$i" -eq 0 ] || printf ','
    printf '{"id": %d, "file_name": "p%d.png", "width": 64, "height": 64}' $((i + 50)) "$i"
  done
  printf '], "categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "green"}, {"id": 5, "name": "blue"}],'
  printf '"annotations": ['
  for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    [ "$i" -eq 0 ] || printf ','
    printf '{"id": %d, "image_id": %d, "category_id": 1, "bbox": [8, 8, 8, 8]}' $((i + 1)) $((i + 50))
    if [ $((i % 2)) -eq 0 ]; then
      printf ',{"id": %d, "image_id": %d, "category_id": 2, "bbox": [16, 8, 8, 16]}' $((i + 101)) $((i + 50))
    fi
  done
  printf ',{"id": 200, "image_id": 53, "category_id": 5, "bbox": [0, 0, 4, 4]}]}'
} >set.json

# ---- calib ----
saker data calib --data set.json --images set --per-class 3 --out made
exits 0
silent err
says out "blue           1       1  fewer than wanted"
says out "1 of 3 classes fell short"
exists made/annotations.json
json made/manifest.json /per_class 3
json made/manifest.json /classes/2/name blue
json made/manifest.json /classes/2/chosen 1
same "pictures" "$("$FIXTURE" get made/manifest.json '#/files')" "$(find made/images -type f | wc -l)"
[ "$(stat -c %h made/images/p3.png)" -eq 2 ] || complain "p3.png should be a hard link"
json made/annotations.json /images/0/width 64

saker data calib --ann set.json --images set --per-class 3 --out again
exits 0
diff -r made again >diff.txt || complain "the same seed should make the same set"
saker data calib --ann set.json --images set --per-class 3 --out copied --copy
[ "$(stat -c %h copied/images/p3.png)" -eq 1 ] || complain "p3.png should be a copy"
printf 'green # a comment\n' >green.txt
saker data calib --data set.json --images set --classes-file green.txt --per-class 2 --out green
exits 0
same "pictures" 2 "$(find green/images -type f | wc -l)"
json green/annotations.json '#/categories' 1
json green/annotations.json '#/annotations' 2
json green/annotations.json /categories/0/id 2
if diff -r made green >/dev/null; then complain "another class list should make another set"; fi
saker data check green/annotations.json
exits 0

saker data calib --data set.json --images set --out made
exits 1
says err "--force"
saker data calib --data set.json --images set --per-class 1 --out made --force
exits 0
json made/manifest.json /per_class 1
mkdir precious
echo mine >precious/mine.txt
saker data calib --data set.json --images set --out precious --force
exits 1
says err "other files in it"
same "what was there" mine "$(cat precious/mine.txt)"
: >a_file
saker data calib --data set.json --images set --out a_file
exits 1
says err "a file of that name exists"
echo grean >wrong.txt
saker data calib --data set.json --images set --classes-file wrong.txt --out x
exits 1
says err "no class 'grean': did you mean 'green'?"
saker data calib --data set.json --images set --classes 7 --out x
exits 1
says err "there is no class 7"
saker data calib --data set.json --images nowhere --out x
exits 1
says err "nowhere: no such folder"
saker data calib --data nowhere.json --out x
exits 1
says err "nowhere.json: no such file"
saker data calib --images set --out x
exits 2
says err "--data is missing"
mkdir other
saker data calib --data set.json --images other --out x
exits 1
says err "p0.png"
missing x

# ---- convert ----
saker data convert set.json --images set --to yolo --out yolo
exits 0
says out "12 pictures, 19 boxes, 3 classes in split val"
exists yolo/images/val/p3.png
same "labels" "0 0.1875 0.1875 0.125 0.125" "$(cat yolo/labels/val/p1.txt)"
saker data convert yolo/data.yaml --to coco --out back.json
exits 0
json back.json '#/images' 12
json back.json '#/annotations' 19
json back.json /categories/2/name blue
json back.json /annotations/0/bbox '[8,8,8,8]'
saker data convert set.json --images set --to yolo --as train --no-images --out yolo
exits 0
same "no pictures" 0 "$(find yolo/images/train -type f | wc -l)"
saker data convert set.json --images set --to yolo --out yolo
exits 1
says err "is there already"
saker data convert yolo/data.yaml --to coco --out back.json
exits 1
says err "--force"
saker data convert yolo/data.yaml --to coco --out back.json --force
exits 0
saker data convert yolo/data.yaml --to coco --out back.json --force --json
exits 0
json out '@' "out pictures boxes classes folder"
json out /boxes 19
[ -d "$("$FIXTURE" get out /folder)" ] || complain "folder is none"
saker data convert set.json --images set --to yolo --as test --no-images --out yolo --json facts.json
exits 0
says out "in split test"
json facts.json /split test
saker data convert set.json --to coco --out new.json --json new.json
exits 2
says err "would overwrite new.json"
missing new.json
saker data convert set.json --to coco --out set.json --force
exits 2
says err "would overwrite set.json"
saker data convert set.json --to coco --out -
exits 2
says err "--out: name a file"
missing ./-
saker data convert set.json --to voc --out x
exits 2
says err "'voc' is not one of coco, yolo"
for text in null 1 '"x"'; do
  printf '%s' "$text" >root.json
  saker data check root.json
  exits 1
  case $text in null) says err "root.json: null, where" ;; 1) says err "root.json: a number, where" ;;
    *) says err "root.json: a text, where" ;; esac
  says err "COCO annotations are an object"
done
saker data convert names.yaml --to coco --out x.json
exits 1
missing x.json
mkdir voc
"$FIXTURE" picture voc/v.png 0 1 1
cat >voc/v.xml <<'XML'
<annotation><filename>v.png</filename><size><width>64</width><height>64</height></size>
<object><name>red</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>16</xmax><ymax>16</ymax></bndbox></object></annotation>
XML
saker data convert voc --to coco --out voc.json
exits 0
json voc.json /categories/0/name red

# ---- names that leave the folder, and files that are no pictures ----
mkdir few
cp set/p0.png few/p.png
echo "my private key" >key
cp key few/key.png
cat >climbs.json <<'JSON'
{"images": [{"id": 1, "file_name": "p.png", "width": 64, "height": 64},
            {"id": 2, "file_name": "../key", "width": 64, "height": 64}],
 "categories": [{"id": 1, "name": "red"}],
 "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [8, 8, 8, 8]},
                 {"id": 2, "image_id": 2, "category_id": 1, "bbox": [8, 8, 8, 8]}]}
JSON
sed 's|\.\./key|key.png|' climbs.json >no_picture.json
for verb in "convert climbs.json --to yolo" "calib --data climbs.json"; do
  # shellcheck disable=SC2086 # several words
  saker data $verb --images few --out taken
  exits 1
  says err "images[1].file_name is outside few"
  says err "--skip-bad goes on without them"
  missing taken
done
for verb in "convert no_picture.json --to yolo" "calib --data no_picture.json"; do
  # shellcheck disable=SC2086 # several words
  saker data $verb --images few --out taken
  exits 1
  says err "few/key.png: not a picture"
  says err "--skip-bad leaves such pictures out"
  missing taken
  # shellcheck disable=SC2086 # several words
  saker data $verb --images few --out taken --skip-bad
  exits 0
  says err "note: no_picture.json: picture 2: few/key.png: not a picture"
  same "pictures" 1 "$(find taken/images -type f | wc -l)"
  rm -r taken
done
saker data check climbs.json --images few
exits 1
says out "images[1].file_name is outside few"
ln -s ../key.png few/link.png
cp set/p1.png key.png
sed 's|\.\./key|link.png|' climbs.json >link.json
saker data convert link.json --images few --to yolo --out linked
exits 0
same "a link into the folder" 2 "$(stat -c %h linked/images/val/p.png)"
same "a copy of what lies elsewhere" 1 "$(stat -c %h key.png)"

# ---- cut short: nothing but what was there ----
for _ in 1 2 3 4 5; do
  timeout -s KILL 0.01 "$SAKER" data convert set.json --images set --to yolo --copy --out killed >/dev/null 2>&1 || true
  [ ! -e killed ] || [ -e killed/data.yaml ] || complain "half a data set"
  rm -rf killed
done
rm -rf .saker-*

# ---- check ----
saker data check set.json --images set
exits 0
says out "12 pictures, 19 boxes, 3 classes"
says out "warning class-gap (1)"
says out "0 errors, 1 warning"
saker data check set.json --images set --json
exits 0
json out /errors 0
json out /problems/class-gap 1
json out /classes/1/pictures 6
cat >bad.json <<'JSON'
{"images": [{"id": 1, "file_name": "p1.png", "width": 64, "height": 64}, {"id": 1, "file_name": "p2.png"},
            {"id": 3, "file_name": "none.png"}, {"id": 4, "file_name": "text.png"},
            {"id": 5, "file_name": "p5.png", "width": 32, "height": 64}],
 "categories": [{"id": 1, "name": "red"}],
 "annotations": [{"id": 0, "image_id": 1, "category_id": 1, "bbox": [1, 1, 8, 8]},
                 {"id": 2, "image_id": 1, "category_id": 1, "bbox": [60, 1, 8, 8]},
                 {"id": 3, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 8]},
                 {"id": 4, "image_id": 1, "category_id": 1, "bbox": [1, 1, -4, 8]},
                 {"id": 5, "image_id": 9, "category_id": 1, "bbox": [1, 1, 8, 8]},
                 {"id": 6, "image_id": 1, "category_id": 1, "bbox": [1, 1, 8, 8]},
                 {"id": 7, "image_id": 1, "category_id": 1, "bbox": [1, 1, 1, 8]}]}
JSON
echo "not a picture" >set/text.png
saker data check bad.json --images set --json bad_report.json
exits 1
says out "error broken-entry (3)"
says out "images[1].id is 1, as that of an earlier entry"
says out "annotations[3].bbox has the negative size"
says out "annotations[4].image_id is 9"
says out "error picture-missing (1)"
says out "set/none.png"
says out "error picture-unreadable (1)"
says out "set/text.png"
says out "is 64 x 64, annotated as 32 x 64"
says out "error box-outside (1)"
says out "error box-empty (1)"
says out "warning id-zero (1)"
says out "warning box-tiny (1)"
says out "warning box-twice (1)"
says out "warning picture-unused (10)"
says out "8 errors"
json bad_report.json /problems/picture-unused 10
json bad_report.json /errors 8
saker data check bad.json --images set --limit 2
says out "and 8 more (--all lists them)"
saker data check bad.json --images set --limit 2 --all
if grep -q "more" out; then complain "--all should list all"; fi
saker data convert bad.json --images set --to coco --out x.json
exits 1
says err "saker data check bad.json"
says err "--skip-bad"
missing x.json
saker data convert bad.json --images set --to coco --out x.json --skip-bad
exits 0
says err "images[1].id is 1"
json x.json '#/annotations' 5
head -c $(($(stat -c %s set/p0.png) - 30)) set/p0.png >set/p1.png
saker data check set.json --images set --decode
exits 1
says out "picture-unreadable"
saker data check nowhere
exits 1
says err "nowhere: no such file or folder"
mkdir void
saker data check void
exits 1
says err "a folder without annotations"
saker data check bad.json --json bad.json
exits 2
says err "--json would overwrite bad.json"

# ---- files and paths of other machines, labels with keypoints, nothing but crowds ----
mkdir -p moved/pictures moved/images moved/labels
"$FIXTURE" picture moved/pictures/a1b2-dog.png 0 1 1
cp moved/pictures/a1b2-dog.png moved/images/a.png
cat >moved/foreign.json <<'JSON'
{"images": [{"id": "cam", "file_name": "C:\\data\\media\\a1b2-dog.png", "width": 64, "height": 64}],
 "categories": [{"id": 1, "name": "dog"}],
 "annotations": [{"id": "x", "image_id": "cam", "category_id": 1, "bbox": [8, 8, 8, 8], "iscrowd": 1}]}
JSON
saker data check moved/foreign.json --images moved/pictures
exits 0
says out "warning path-moved (1)"
says out "warning all-crowds (1)"
says out "--crowd-as-object counts them as objects"
says out "0 errors, 2 warnings"
saker data check moved/foreign.json --images moved/pictures --crowd-as-object
exits 0
says out "0 errors, 1 warning"
saker data convert moved/foreign.json --images moved/pictures --to yolo --out moved/none
exits 0
says err "note: 1 of 1 file names are another machine's"
says out "1 crowd left out"
saker data convert moved/foreign.json --images moved/pictures --to yolo --out moved/yolo --crowd-as-object
exits 0
says out "1 picture, 1 box, 1 class"
exists moved/yolo/labels/val/a1b2-dog.txt
saker data convert moved/foreign.json --images moved/pictures --to coco --out moved/again.json
exits 0
json moved/again.json /images/0/id cam
json moved/again.json /images/0/file_name a1b2-dog.png
mkdir moved/pictures/x
cp moved/pictures/a1b2-dog.png moved/pictures/x/
saker data check moved/foreign.json --images moved/pictures
exits 1
says out "it may be a1b2-dog.png or x/a1b2-dog.png there"
printf '0 0.5 0.5 0.4 0.4 0.1 0.1 0.9 0.9\n' >moved/labels/a.txt
printf 'path: D:\\work\\moved\nval: D:\\work\\moved\\images\nkpt_shape: [2, 2]\nnames: [person]\n' >moved/data.yaml
saker data convert moved/data.yaml --to coco --out moved/pose.json
exits 0
says err "is taken for it"
json moved/pose.json /annotations/0/bbox '[19.2,19.2,25.6,25.6]'
sed -i 's/\[2, 2\]/[17, 3]/' moved/data.yaml
saker data convert moved/data.yaml --to coco --out moved/pose.json --force
exits 1
says err "makes it 56"
saker data convert moved/data.yaml --to coco --out moved/pose.json --force --skip-bad
exits 1
says err "nothing is left of its boxes: 1 box left out as broken"
same "nothing is left behind" 0 "$(find . -name '*.tmp' | wc -l)"
finish
